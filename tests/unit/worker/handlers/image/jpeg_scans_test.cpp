#include "worker/handlers/image/jpeg_scans.hpp"

#include <string>

#include "tests/support/catch.hpp"

namespace penstock::worker::image {
namespace {

using namespace std::string_literals;

const std::string start = "\xff\xd8\xff\xe0\0\4ab"s;
// A scan whose compressed data holds an escaped 0xff and a restart marker.
const std::string scan = "\xff\xda\0\4ab....\xff\0..\xff\xd3.."s;
const std::string end = "\xff\xd9"s;

int count(const std::string& file) {
    return count_jpeg_scans(as_byte_view(file));
}

TEST_CASE("every scan is counted once") {
    CHECK(count(start + end) == 0);
    CHECK(count(start + scan + end) == 1);
    CHECK(count(start + scan + "\xff\xc4\0\3x"s + scan + scan + end) == 3);
}

TEST_CASE("a scan inside a segment, as in a thumbnail, does not count") {
    CHECK(count("\xff\xd8\xff\xe1\0\x08\xff\xda\0\2ab"s + scan + end) == 1);
}

TEST_CASE("what follows the end of the image does not count") {
    CHECK(count(start + scan + end + scan) == 1);
}

TEST_CASE("fill bytes before a marker are stepped over") {
    CHECK(count(start + "\xff\xff\xff"s + scan + end) == 1);
}

TEST_CASE("a file that ends anywhere is counted to its end") {
    const std::string file = start + scan + scan;
    for (std::size_t size = 0; size <= file.size(); ++size) {
        CHECK(count(file.substr(0, size)) <= 2);
    }
    CHECK(count("\xff\xda\0\0"s) == 1);
}

}  // namespace
}  // namespace penstock::worker::image
