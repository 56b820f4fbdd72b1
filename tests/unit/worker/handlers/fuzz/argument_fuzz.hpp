// Runs any handler on argument documents and payloads of which half are valid and half are broken
// at random, the same ones each time.
//
// Thread rule: used by one thread.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol/value.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::fuzz {

// An input that the handler must answer with a result.
struct Document {
    Value args;
    std::string payload;
};

// What the fuzzer knows about one type.
struct Samples {
    std::string_view type;
    std::vector<Document> documents;  // at least one
    // 100,000, but 1,000 where a call may take over 10 ms.
    int rounds = 100'000;
    // True for arguments that are right and would take too long to run here; null: none do.
    bool (*too_costly)(const Value& args) = nullptr;
};

// What came out. Whatever it is, the process still lives.
struct Tally {
    int valid = 0;    // unchanged samples
    int results = 0;  // of valid and broken ones
    int errors = 0;
    // The first few things that should not be: a valid sample without a result, an exception other
    // than want of memory, an error without a code of the contract or without a message.
    std::vector<std::string> complaints;
};

// Breaks documents.
class Mutator {
  public:
    explicit Mutator(std::uint32_t seed) : random_(seed) {}

    // Requires: end is not 0.
    [[nodiscard]] std::size_t below(std::size_t end);
    // One to three changes to arguments, payload or both; `other` lends parts.
    [[nodiscard]] Document broken(Document document, const Document& other);
    // The same to bytes, such as the arguments as they travel.
    [[nodiscard]] std::string broken_bytes(std::string bytes);

  private:
    void change(Value& value, const Value& other);
    void change_object(Value& object, const Value& other);
    void change_array(Value& array, const Value& other);
    Value hostile(const Value& other);
    Value near(const Value& value);

    std::mt19937 random_;
};

// Plays all rounds of a type. A round is: an unchanged sample, or a broken one; in every eighth of
// those the bytes of the arguments are broken, too, as a peer without manners would send them.
[[nodiscard]] Tally play(const HandlerEntry& entry, const Samples& samples);

}  // namespace penstock::worker::fuzz
