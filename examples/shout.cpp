// A producer: submits one task, waits, prints what came back. ./shout hello
#include <iostream>
#include <penstock/client.hpp>
using namespace penstock;

int main(int argc, char** argv) {
    auto client = client::Client::create({});  // .server, or the broker beside us
    if (!client) {
        std::cerr << client.error().message << '\n';
        return 2;
    }
    auto task = client::make_task(argc > 1 ? argv[1] : "hello");
    auto value = client::value_of(client->run({.type = "text.shout"}, task).get());
    std::cout << (value ? value->get<std::string>() : value.error().message) << '\n';
    return value ? 0 : 1;
}
