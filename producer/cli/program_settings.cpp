#include "producer/cli/program_settings.hpp"

#include "producer/cli/programs.hpp"

namespace penstock::cli {

Result<std::vector<process::Setting>> ask_for_settings(const std::string& program,
                                                       const std::string& config) {
    std::vector<std::string> arguments{"--settings"};
    if (!config.empty()) {
        arguments.insert(arguments.end(), {"--config", config});
    }
    const Result<std::string> text = output_of(program, std::move(arguments));
    if (!text) {
        return text.error().code == ErrorCode::failed
                   ? fail(ErrorCode::malformed, program + " refuses its settings")
                   : tl::unexpected(text.error());
    }
    return process::read_settings(*text);
}

}  // namespace penstock::cli
