// Hands an array to another process and prints what it made of it: [1,2,3] becomes [2,4,6].
#include <iostream>
#include <penstock/client.hpp>
using namespace penstock;

int main() {
    auto client = client::Client::create({});
    if (!client) {
        std::cerr << client.error().message << '\n';
        return 2;
    }
    const Value numbers = {1, 2, 3};
    const auto doubled =
        client::value_of(client->run({.type = "math.double"}, client::make_task(numbers)).get());
    if (!doubled) {
        std::cerr << doubled.error().message << '\n';
        return 1;
    }
    std::cout << json_from_value(*doubled) << '\n';
    return 0;
}
