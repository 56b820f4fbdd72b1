#include "common/process/value_form.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace penstock::process {
namespace {

// "1 - 100" as people say it.
std::string range_words(std::string bounds) {
    constexpr std::string_view dash = " - ";
    const std::size_t at = bounds.find(dash);
    return at == std::string::npos ? bounds : bounds.replace(at, dash.size(), " to ");
}

bool is_name(const std::string& word) {
    const auto fits = [](char letter) { return (letter >= 'a' && letter <= 'z') || letter == '-'; };
    return !word.empty() && std::ranges::all_of(word, fits);
}

}  // namespace

// CLI11 joins the kind and what is allowed with a colon: "INT:INT in [1 - 100]",
// "TEXT:{jpeg,png}".
ValueForm value_form(const CLI::Option& option) {
    const std::string text = option.get_type_name();
    constexpr std::string_view range = " in [";
    constexpr std::string_view choice = ":{";
    if (const std::size_t at = text.find(range); at != std::string::npos) {
        const std::size_t start = at + range.size();
        const std::string bounds = text.substr(start, text.find(']', start) - start);
        return {text.substr(0, text.rfind(':', at)), range_words(bounds)};
    }
    if (const std::size_t at = text.find(choice); at != std::string::npos) {
        const std::size_t start = at + choice.size();
        const std::string choices = text.substr(start, text.find('}', start) - start);
        return {text.substr(0, at), "", CLI::detail::split(choices, ',')};
    }
    return {text};
}

std::vector<std::string> named_values(const ValueForm& form) {
    if (!form.choices.empty()) {
        return form.choices;
    }
    std::vector<std::string> names;
    std::ranges::copy_if(CLI::detail::split(form.kind, '|'), std::back_inserter(names), is_name);
    return names;
}

}  // namespace penstock::process
