#include "common/model/text.hpp"

#include "tests/support/catch.hpp"

namespace penstock {
namespace {

TEST_CASE("characters of every length are UTF-8") {
    CHECK(is_utf8(""));
    CHECK(is_utf8("plain"));
    CHECK(is_utf8("plain, and longer: gr\u00fcn, then plain again"));
    CHECK(is_utf8("\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\U00010000\U0010ffff"));
}

TEST_CASE("bytes that are no character are not UTF-8") {
    CHECK_FALSE(is_utf8("\x80"));              // a continuation without a beginning
    CHECK_FALSE(is_utf8("\xc3"));              // a beginning without a continuation
    CHECK_FALSE(is_utf8("\xe2\x82"));          // cut
    CHECK_FALSE(is_utf8("\xc3("));             // continued by something else
    CHECK_FALSE(is_utf8("\xc1\xbf"));          // overlong, two bytes
    CHECK_FALSE(is_utf8("\xe0\x9f\xbf"));      // overlong, three bytes
    CHECK_FALSE(is_utf8("\xf0\x8f\xbf\xbf"));  // overlong, four bytes
    CHECK_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
    CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));  // above the last
    CHECK_FALSE(is_utf8("\xff"));
    CHECK_FALSE(is_utf8("far behind plain text: \xff, and more"));
}

TEST_CASE("a beginning never ends inside a character") {
    CHECK(beginning("short", 5) == "short");
    CHECK(beginning("a\u20acb", 4) == "a\u20ac");
    CHECK(beginning("a\u20acb", 3) == "a");
    CHECK(beginning("\u20ac", 0).empty());
}

TEST_CASE("mending leaves characters and marks other bytes") {
    CHECK(mended("gr\u00fc\u00df") == "gr\u00fc\u00df");
    CHECK(mended("a\xff"
                 "b\xe2\x82") == "a?b??");
}

}  // namespace
}  // namespace penstock
