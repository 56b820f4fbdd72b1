#include "common/process/examples.hpp"

#include <sstream>
#include <string_view>

namespace penstock::process {
namespace {

constexpr std::string_view heading = "Examples:\n";
constexpr std::string_view indentation = "  ";

std::string without_empty_ends(const std::string& text) {
    const std::size_t first = text.find_first_not_of('\n');
    if (first == std::string::npos) {
        return "";
    }
    return text.substr(first, text.find_last_not_of('\n') - first + 1);
}

std::string indented(const std::string& text) {
    std::string result;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        result.append(line.empty() ? "" : indentation).append(line).append("\n");
    }
    return result;
}

std::string remark_on_flags(const CLI::App& app) {
    if (app.get_parent() == nullptr) {
        return "";
    }
    const CLI::App* program = app.get_parent();
    while (program->get_parent() != nullptr) {
        program = program->get_parent();
    }
    return "The flags of `" + program->get_name() + " --help` may stand here, too.";
}

}  // namespace

void add_examples(CLI::App& app, const Examples& examples) {
    std::string text;
    if (const std::string lines = without_empty_ends(examples.lines); !lines.empty()) {
        text.append(heading).append(indented(lines));
    }
    for (const std::string& remark : {without_empty_ends(examples.remarks), remark_on_flags(app)}) {
        text += remark.empty() ? "" : remark + "\n";
    }
    app.footer(without_empty_ends(text));
}

Examples examples_of(const CLI::App& app) {
    Examples found;
    const std::string footer = app.get_footer();
    const bool has_examples = footer.starts_with(heading);
    const std::string own_remark = remark_on_flags(app);
    std::istringstream lines(has_examples ? footer.substr(heading.size()) : footer);
    bool in_examples = has_examples;
    for (std::string line; std::getline(lines, line);) {
        in_examples = in_examples && (line.empty() || line.starts_with(indentation));
        if (in_examples) {
            found.lines += line.substr(line.empty() ? 0 : indentation.size()) + "\n";
        } else if (own_remark.empty() || line != own_remark) {
            found.remarks += line + "\n";
        }
    }
    return {without_empty_ends(found.lines), without_empty_ends(found.remarks)};
}

}  // namespace penstock::process
