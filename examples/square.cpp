// Squares [1,2,3,4,5] on a thread of a worker process, and tells which.
#include <iostream>
#include <penstock/client.hpp>
using namespace penstock;

int main() {
    auto client = client::Client::create({});
    if (!client) {
        std::cerr << client.error().message << '\n';
        return 2;
    }
    const Value numbers = {1, 2, 3, 4, 5};
    const Result<TaskResult> ended =
        client->run({.type = "math.square"}, client::make_task(numbers)).get();
    const auto squares = client::value_of(ended);
    if (!squares) {
        std::cerr << squares.error().message << '\n';
        return 1;
    }
    std::cout << json_from_value(*squares) << "\nby thread " << ended->thread << " of process "
              << ended->site.pid << '\n';
    return 0;
}
