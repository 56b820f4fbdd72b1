// The flags of `map`.
//
// Thread rule: used by the command's thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "producer/cli/submission_flags.hpp"

namespace penstock::cli {

struct MapOptions {
    SubmissionFlags task;
    std::string array;
    std::string from;
    std::size_t chunks = 0;
    std::size_t max_in_flight = 20'000;
    // Any of these four: the elements are streamed.
    std::string reduce;
    bool each = false;
    std::size_t chunk_size = 0;
    bool lines = false;
    // Instead of elements.
    std::vector<std::string> files;
    std::string args;
    std::string out_dir;
    std::string extension;
    bool overwrite = false;
};

void describe_map(CLI::App& command, MapOptions& options);

}  // namespace penstock::cli
