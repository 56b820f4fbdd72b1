// A worker with a type of its own. Start it beside a broker: ./shout_worker
#include <algorithm>
#include <cctype>
#include <penstock/worker.hpp>
using namespace penstock;

Result<worker::Output> shout(const worker::Input& input, worker::Context& /*context*/) {
    if (!input.args.is_string()) {
        return fail(ErrorCode::rejected, "text.shout takes a text");
    }
    std::string text = input.args;
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
    return worker::Output{.value = text + "!", .payload = {}};
}

int main(int argc, char** argv) {
    return worker::run(argc, argv, {{"text.shout", SlotClass::cpu, shout}});
}
