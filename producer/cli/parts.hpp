// Cuts a stream of elements into the arguments of tasks, one part at a time.
//
// Thread rule: used by one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "common/protocol/value.hpp"
#include "producer/cli/element_scanner.hpp"
#include "producer/cli/input_bytes.hpp"

namespace penstock::cli {

struct PartRules {
    bool each = false;       // every element is a part, as it stands and not in an array
    std::size_t length = 0;  // elements of a part; 0: grows with the input
    std::size_t slots = 1;   // that the parts are for
    ElementScanner::Form form = ElementScanner::Form::guess;
};

struct Part {
    SharedBytes args;
    std::size_t elements = 0;
};

// How many elements the next part should have if the caller does not care, after `elements` so
// far: at first one each, so that a short list is spread over all slots, then more and more, so
// that a long one is not many tiny tasks. The same for the same input.
[[nodiscard]] std::size_t growing_length(std::size_t elements, std::size_t slots);

class Parts {
  public:
    enum class Status : std::uint8_t { part, later, end };

    // Reads `text`, or `input` if there is one. Requires: rules.slots > 0.
    Parts(const PartRules& rules, std::string text, std::optional<InputBytes> input);

    // The next part. `later`: more when descriptor() is readable.
    // Errors: internal (reading failed), malformed and too_large (names the element); the input is
    // at its end then.
    [[nodiscard]] Result<Status> next(Part& part);
    // -1 if the text was given.
    [[nodiscard]] int descriptor() const { return input_ ? input_->descriptor() : -1; }

  private:
    [[nodiscard]] Result<ElementScanner::Status> next_element();
    [[nodiscard]] Result<bool> add_element();
    [[nodiscard]] Part take();

    PartRules rules_;
    ElementScanner scanner_;
    std::optional<InputBytes> input_;
    std::string piece_;
    std::string element_;
    Value values_ = Value::array();  // of the part at hand
    std::size_t text_bytes_ = 0;     // what they were read from
    std::size_t elements_ = 0;       // of all parts
    bool ended_ = false;
};

}  // namespace penstock::cli
