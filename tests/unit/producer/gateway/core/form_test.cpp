#include "producer/gateway/core/form.hpp"

#include <vector>

#include "producer/gateway/core/limits.hpp"
#include "tests/support/catch.hpp"

namespace penstock::gateway {
namespace {

struct Parts : FormSink {
    std::vector<std::pair<std::string, std::string>> seen;

    std::optional<Problem> part(std::string_view name) override {
        seen.emplace_back(name, "");
        return std::nullopt;
    }
    std::optional<Problem> content(ByteView bytes) override {
        seen.back().second += as_text(bytes);
        return std::nullopt;
    }
};

// What a form holds when it comes in pieces of that size; a problem if it is none.
Answered<std::vector<std::pair<std::string, std::string>>> read(std::string_view body,
                                                                std::size_t piece) {
    Parts parts;
    FormReader reader("B", parts);
    for (std::size_t at = 0; at < body.size(); at += piece) {
        if (const auto problem = reader.feed(as_byte_view(body.substr(at, piece)))) {
            return tl::unexpected(*problem);
        }
    }
    if (const auto problem = reader.finish()) {
        return tl::unexpected(*problem);
    }
    return parts.seen;
}

std::string field(const std::string& name, const std::string& content,
                  const std::string& more = "") {
    return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" +
           content + "\r\n";
}

TEST_CASE("parts are read whole, whatever the pieces they come in") {
    const std::string data = "a\r\n--\r\n-B\r\n--A\r--B\n--B";  // nearly a delimiter
    const std::string body =
        field("x", "1") + field("image", data, "; filename=\"p.jpg\"\r\nContent-Type: image/jpeg") +
        field("empty", "") + "--B--\r\n";
    for (std::size_t piece = 1; piece < body.size(); piece += 1 + piece / 8) {
        INFO(piece);
        const auto parts = read(body, piece);
        REQUIRE(parts);
        REQUIRE(*parts == std::vector<std::pair<std::string, std::string>>{
                              {"x", "1"}, {"image", data}, {"empty", ""}});
    }
}

TEST_CASE("what stands before the first and after the last delimiter is left out") {
    const auto parts = read("preamble\r\n" + field("x", "1") + "--B--\r\nepilogue --B", 7);
    REQUIRE(parts);
    REQUIRE(parts->size() == 1);
}

TEST_CASE("a form without parts is one, and blanks after a delimiter are padding") {
    REQUIRE(read("--B--", 5)->empty());
    REQUIRE(read("--B \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--B--", 9));
}

TEST_CASE("names may be quoted, with quotes in them, or not; file names are not read") {
    const auto name_of = [](const std::string& disposition) {
        const auto parts =
            read("--B\r\ncontent-disposition: " + disposition + "\r\n\r\n\r\n--B--", 64);
        REQUIRE(parts);
        return parts->front().first;
    };
    REQUIRE(name_of("form-data; name=image") == "image");
    REQUIRE(name_of("form-data; filename=\"; name=x\"; name=\"im\\\"age\"") == "im\"age");
    REQUIRE(name_of("form-data; filename=\"../../etc/passwd\"; name=image") == "image");
    REQUIRE(name_of("form-data; name=\"image\"; filename=\"..\\..\\\"") == "image");
    REQUIRE(name_of("form-data; name=\"image\"; filename=\"a.jpg\";") == "image");
    REQUIRE(name_of("form-data;; name=\"image\"; ;") == "image");
}

TEST_CASE("what is no form is 400 and says why") {
    const std::string part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\nx";
    for (const std::string& body :
         {std::string(), std::string("x"), std::string("--B"), std::string("--B\r\n"), part,
          part + "\r\n--B\r\n", part + "\r\n--BX\r\n\r\n--B--",
          std::string("--B\r\n\r\nx\r\n--B--"), std::string("--B\r\nno colon\r\n\r\nx\r\n--B--"),
          std::string("--B\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--B--"),
          std::string("--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--"),
          std::string("--B\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n--B--"),
          std::string("--B\r\nContent-Disposition: form-data; name=a\r\n"
                      "Content-Transfer-Encoding: base64\r\n\r\nx\r\n--B--")}) {
        for (const std::size_t piece : {std::size_t{1}, std::size_t{1000}}) {
            INFO(body);
            const auto parts = read(body, piece);
            REQUIRE_FALSE(parts);
            REQUIRE(parts.error().status == 400);
            REQUIRE(parts.error().code == "malformed_multipart");
        }
    }
}

TEST_CASE("headers, parts and padding have their limits") {
    const std::string fat(form_buffer_bytes, 'a');
    REQUIRE_FALSE(read("--B\r\nX: " + fat + "\r\n\r\n", 100));
    REQUIRE_FALSE(read("--B" + std::string(form_buffer_bytes + 2, ' '), 100));
    std::string many;
    for (std::size_t i = 0; i <= form_parts_max; ++i) {
        many += field("x", "1");
    }
    REQUIRE_FALSE(read(many + "--B--", 100));
}

TEST_CASE("a problem of the one who takes the parts ends the reading") {
    struct Refusing : Parts {
        std::optional<Problem> content(ByteView) override { return Problem{413, "too_large", ""}; }
    } refusing;
    FormReader reader("B", refusing);
    const std::string body = field("x", "1") + "--B--";
    const auto problem = reader.feed(as_byte_view(body));
    REQUIRE(problem);
    REQUIRE(problem->status == 413);
}

}  // namespace
}  // namespace penstock::gateway
