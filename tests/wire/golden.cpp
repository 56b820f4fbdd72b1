#include "tests/wire/golden.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "tests/support/catch.hpp"

namespace penstock::wire_test {
namespace {

std::filesystem::path golden_folder() {
    return std::filesystem::path(PENSTOCK_SOURCE_DIR) / "tests/wire/golden";
}

// Appends the bytes of one line, such as "c4 01 2a" or "70 x 65537".
void append_bytes(const std::string& line, std::string& frame) {
    std::istringstream words(line);
    for (std::string word; words >> word;) {
        if (word == "x") {
            std::size_t count = 0;
            REQUIRE(words >> count);
            frame.append(count - 1, frame.back());
            continue;
        }
        REQUIRE(word.size() == 2);
        std::size_t read = 0;
        frame.push_back(static_cast<char>(std::stoi(word, &read, 16)));
        REQUIRE(read == 2);
    }
}

}  // namespace

protocol::Frames read_golden(const std::string& name) {
    std::ifstream file(golden_folder() / (name + ".txt"));
    INFO("golden file of " << name);
    REQUIRE(file);
    std::vector<std::string> frames;
    for (std::string line; std::getline(file, line);) {
        line = line.substr(0, line.find('#'));
        if (line.find(':') != std::string::npos) {
            frames.emplace_back();
            continue;
        }
        if (line.find_first_not_of(' ') != std::string::npos) {
            REQUIRE_FALSE(frames.empty());
            append_bytes(line, frames.back());
        }
    }
    protocol::Frames shared;
    for (const std::string& frame : frames) {
        shared.push_back(SharedBytes::copy_of(frame));
    }
    return shared;
}

std::set<std::string> golden_names() {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(golden_folder())) {
        names.insert(entry.path().stem().string());
    }
    return names;
}

}  // namespace penstock::wire_test
