#include "producer/cli/output_names.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/temporary_folder.hpp"

namespace penstock::cli {
namespace {

namespace fs = std::filesystem;

TEST_CASE("a result is named after its input") {
    OutputNames names("out", Existing::keep);
    REQUIRE(names.choose("in/photo.png", ".jpg") == "out/photo.jpg");
    REQUIRE(names.choose("archive.tar.gz", ".gz") == "out/archive.tar.gz");
}

TEST_CASE("inputs of one name from several folders get names of their own") {
    OutputNames names("out", Existing::overwrite);
    REQUIRE(names.choose("a/same.jpg", ".jpg") == "out/same.jpg");
    REQUIRE(names.choose("b/same.jpg", ".jpg") == "out/same-2.jpg");
    REQUIRE(names.choose("c/same.png", ".jpg") == "out/same-3.jpg");
    REQUIRE(names.choose("d/same-2.jpg", ".jpg") == "out/same-2-2.jpg");
}

TEST_CASE("a file that is there already is kept, or replaced when asked for") {
    const TemporaryFolder out;
    out.write("photo.jpg", "old");
    OutputNames keeping(out.path(), Existing::keep);
    REQUIRE(keeping.choose("photo.jpg", ".jpg") == out.path() / "photo-2.jpg");
    OutputNames replacing(out.path(), Existing::overwrite);
    REQUIRE(replacing.choose("photo.jpg", ".jpg") == out.path() / "photo.jpg");
}

TEST_CASE("a link that leads nowhere is kept, too") {
    const TemporaryFolder out;
    fs::create_symlink("nowhere", out.path() / "photo.jpg");
    OutputNames names(out.path(), Existing::keep);
    REQUIRE(names.choose("photo.jpg", ".jpg") == out.path() / "photo-2.jpg");
}

TEST_CASE("an input is never replaced, whatever path or link leads to it") {
    const TemporaryFolder folder;
    const fs::path input = folder.write("photos/a.jpg", "original");
    const fs::path photos = input.parent_path();
    fs::create_directory_symlink(photos, folder.path() / "linked");
    fs::create_directory(folder.path() / "hard");
    fs::create_hard_link(input, folder.path() / "hard" / "a.jpg");
    const fs::path relative = fs::relative(input);
    for (const fs::path& out : {photos, photos / ".." / "photos", fs::relative(photos),
                                folder.path() / "linked", folder.path() / "hard"}) {
        INFO(out);
        for (const fs::path& given : {input, relative, folder.path() / "linked" / "a.jpg"}) {
            OutputNames names(out, Existing::overwrite);
            names.protect(given);
            REQUIRE(names.choose(given, ".jpg") == out / "a-2.jpg");
        }
    }
}

}  // namespace
}  // namespace penstock::cli
