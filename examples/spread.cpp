// Spreads the numbers 1 to 1000 over all processes, and joins the squares in their order.
#include <future>
#include <iostream>
#include <penstock/client.hpp>
#include <set>
#include <vector>
using namespace penstock;

constexpr int chunks = 8;
constexpr int chunk_size = 125;

Value numbers_of(int chunk) {
    Value numbers = Value::array();
    for (int i = 1; i <= chunk_size; ++i) {
        numbers.push_back(chunk * chunk_size + i);
    }
    return numbers;
}

int main() {
    auto client = client::Client::create({});
    if (!client) {
        std::cerr << client.error().message << '\n';
        return 2;
    }
    std::vector<std::future<Result<TaskResult>>> running;
    for (int chunk = 0; chunk < chunks; ++chunk) {
        running.push_back(
            client->run({.type = "math.square"}, client::make_task(numbers_of(chunk))));
    }
    Value joined = Value::array();
    std::set<std::uint32_t> processes;
    for (auto& future : running) {
        const Result<TaskResult> ended = future.get();
        const auto squares = client::value_of(ended);
        if (!squares) {
            std::cerr << squares.error().message << '\n';
            return 1;
        }
        joined.insert(joined.end(), squares->begin(), squares->end());
        processes.insert(ended->site.pid);
    }
    std::cout << joined.size() << " squares, the last is " << joined.back() << ", by "
              << processes.size() << " processes\n";
    return 0;
}
