#include "producer/cli/output_names.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

bool nothing_there(const std::filesystem::path&) {
    return false;
}

TEST_CASE("a result is named after its input") {
    OutputNames names("out", Existing::keep, nothing_there);
    REQUIRE(names.choose("in/photo.png", ".jpg") == "out/photo.jpg");
    REQUIRE(names.choose("archive.tar.gz", ".gz") == "out/archive.tar.gz");
}

TEST_CASE("inputs of one name from several folders get names of their own") {
    OutputNames names("out", Existing::overwrite, nothing_there);
    REQUIRE(names.choose("a/same.jpg", ".jpg") == "out/same.jpg");
    REQUIRE(names.choose("b/same.jpg", ".jpg") == "out/same-2.jpg");
    REQUIRE(names.choose("c/same.png", ".jpg") == "out/same-3.jpg");
    REQUIRE(names.choose("d/same-2.jpg", ".jpg") == "out/same-2-2.jpg");
}

TEST_CASE("a file that is there already is kept, or replaced when asked for") {
    const auto exists = [](const std::filesystem::path& path) { return path == "out/photo.jpg"; };
    OutputNames keeping("out", Existing::keep, exists);
    REQUIRE(keeping.choose("photo.jpg", ".jpg") == "out/photo-2.jpg");
    OutputNames replacing("out", Existing::overwrite, exists);
    REQUIRE(replacing.choose("photo.jpg", ".jpg") == "out/photo.jpg");
}

TEST_CASE("an input is never replaced, however its folder is spelled") {
    OutputNames names("photos", Existing::overwrite, nothing_there);
    names.protect("./photos/../photos/a.jpg");
    REQUIRE(names.choose("photos/a.jpg", ".jpg") == "photos/a-2.jpg");
}

}  // namespace
}  // namespace penstock::cli
