#include "bench/system/folder.hpp"

#include <cstdlib>
#include <system_error>

namespace penstock::bench {
namespace {

// The name of a Unix socket has 107 bytes; the longest of ours in the folder takes 20 of them.
constexpr std::size_t name_bytes_max = 80;

}  // namespace

Result<Folder> Folder::create() {
    std::error_code error;
    const std::filesystem::path above = std::filesystem::temp_directory_path(error);
    std::string name = (above / "penstock-bench-XXXXXX").string();
    if (error) {
        // The library does not say which folder it has looked at.
        const char* wanted = std::getenv("TMPDIR");
        return fail(ErrorCode::unavailable, "the folder for temporary files (TMPDIR) is none: " +
                                                std::string(wanted != nullptr ? wanted : "/tmp"));
    }
    if (name.size() > name_bytes_max) {
        return fail(ErrorCode::unavailable,
                    "TMPDIR has too long a name for sockets: " + above.string());
    }
    if (::mkdtemp(name.data()) == nullptr) {
        return fail(ErrorCode::unavailable, "cannot make a folder in " + above.string());
    }
    return Folder(name);
}

Folder::~Folder() {
    if (!path_.empty()) {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
}

std::string Folder::endpoint(const std::string& name) const {
    return "ipc://" + (path_ / name).string();
}

}  // namespace penstock::bench
