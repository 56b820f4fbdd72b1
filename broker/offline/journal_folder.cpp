#include "broker/offline/journal_folder.hpp"

#include <filesystem>
#include <fmt/format.h>

#include "broker/store/log/body_file.hpp"
#include "broker/store/log/posix_files.hpp"
#include "broker/store/log/segment_start.hpp"

namespace penstock::broker::offline {
namespace {

tl::unexpected<Error> no_journal(const std::filesystem::path& journal) {
    return fail(ErrorCode::not_found,
                fmt::format("there is no journal in {}: name the folder that --data of the broker "
                            "names, or a backup",
                            journal.string()));
}

tl::unexpected<Error> in_use(const std::string& data) {
    return fail(ErrorCode::conflict,
                fmt::format("a broker, or another of these commands, works on {}: stop it first, "
                            "or make a copy of what it has with `penstock broker backup`",
                            data));
}

}  // namespace

std::vector<std::string> JournalFolder::files() const {
    std::vector<std::string> all = bodies;
    all.insert(all.end(), segments.begin(), segments.end());
    return all;
}

Result<JournalFolder> open_journal_of(const std::string& data) {
    const std::filesystem::path path = std::filesystem::path(data) / "journal";
    Result<std::unique_ptr<Folder>> folder = open_folder_to_read(path);
    if (!folder) {
        if (folder.error().code == ErrorCode::not_found) {
            return no_journal(path);
        }
        return folder.error().code == ErrorCode::conflict ? in_use(data)
                                                          : tl::unexpected(folder.error());
    }
    const Result<std::vector<std::string>> names = (*folder)->list();
    if (!names) {
        return tl::unexpected(names.error());
    }
    JournalFolder found{path.string(), *std::move(folder), {}, {}};
    for (const std::string& name : *names) {
        if (segment_number(name)) {
            found.segments.push_back(name);
        } else if (body_place(name)) {
            found.bodies.push_back(name);
        }
    }
    if (found.segments.empty()) {
        return no_journal(path);
    }
    return found;
}

void add_data_argument(CLI::App& command, std::string& data) {
    command.add_option("DIR", data, "The folder that --data of the broker names, or a backup")
        ->required();
}

}  // namespace penstock::broker::offline
