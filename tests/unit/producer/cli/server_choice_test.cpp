#include "producer/cli/server_choice.hpp"

#include "tests/support/catch.hpp"

namespace penstock::cli {
namespace {

using process::Origin;
using process::Setting;

Setting server_from(Origin origin) {
    return {"server", {"tcp://asked:1"}, false, origin};
}
Setting context_from(Origin origin, const std::string& name = "far") {
    return {"context", {name}, false, origin};
}
Contexts saved(const std::string& current) {
    return {{{"far", "tcp://far:1"}, {"near", "tcp://near:1"}}, current};
}

std::string chosen(const std::vector<Setting>& settings, const std::string& current = {}) {
    const auto choice = choose_server(settings, [&] { return saved(current); });
    return choice ? choice->server + " " + choice->context : "";
}

TEST_CASE("the strongest place decides, and the server where both are in it") {
    using enum Origin;
    CHECK(chosen({server_from(flag), context_from(environment)}) == "tcp://asked:1 ");
    CHECK(chosen({server_from(environment), context_from(flag)}) == "tcp://far:1 far");
    CHECK(chosen({server_from(environment), context_from(environment)}) == "tcp://asked:1 ");
    CHECK(chosen({server_from(environment), context_from(file)}) == "tcp://asked:1 ");
    CHECK(chosen({server_from(file), context_from(environment)}) == "tcp://far:1 far");
    CHECK(chosen({server_from(fallback), context_from(file)}) == "tcp://far:1 far");
}

TEST_CASE("the context in use beats the default, and nothing else") {
    using enum Origin;
    const Setting none{"context", {}};
    CHECK(chosen({server_from(fallback), none}) == "tcp://asked:1 ");
    CHECK(chosen({server_from(fallback), none}, "near") == "tcp://near:1 near");
    CHECK(chosen({server_from(file), none}, "near") == "tcp://asked:1 ");
    CHECK(chosen({server_from(fallback), context_from(file)}, "near") == "tcp://far:1 far");
}

TEST_CASE("two flags that name a broker contradict each other") {
    const auto choice = choose_server({server_from(Origin::flag), context_from(Origin::flag)},
                                      [] { return saved(""); });
    REQUIRE_FALSE(choice.has_value());
    CHECK(choice.error().code == ErrorCode::malformed);
}

TEST_CASE("a context that nobody has saved is not found") {
    const auto choice =
        choose_server({server_from(Origin::fallback), context_from(Origin::flag, "nowhere")},
                      [] { return saved(""); });
    REQUIRE_FALSE(choice.has_value());
    CHECK(choice.error().code == ErrorCode::not_found);
}

TEST_CASE("saved contexts are not even looked at where they do not matter") {
    const auto broken = []() -> Result<Contexts> { return fail(ErrorCode::internal, "broken"); };
    const Setting none{"context", {}};
    CHECK(choose_server({server_from(Origin::flag), none}, broken).has_value());
    CHECK_FALSE(choose_server({server_from(Origin::fallback), none}, broken).has_value());
}

}  // namespace
}  // namespace penstock::cli
