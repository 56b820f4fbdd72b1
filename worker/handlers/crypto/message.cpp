#include "worker/handlers/crypto/message.hpp"

#include <optional>
#include <string>

namespace penstock::worker::crypto {

Result<void> check_object(const Value& args) {
    if (!args.is_object() && !args.is_null()) {
        return fail(ErrorCode::rejected, std::string("the arguments must be an object with "
                                                     "fields, not of the kind ") +
                                             args.type_name());
    }
    return {};
}

ByteView read_message(const Input& input, Arguments& arguments, std::size_t bytes_max) {
    const std::optional<std::string_view> text =
        arguments.optional_text("text", {0, static_cast<std::int64_t>(bytes_max)});
    if (text && !input.payload.empty()) {
        arguments.reject("text", "there is a payload, too; send one of them");
    }
    if (input.payload.size() > bytes_max) {
        arguments.reject("payload", "it has " + std::to_string(input.payload.size()) +
                                        " bytes; allowed 0.." + std::to_string(bytes_max));
    }
    return text ? as_byte_view(*text) : input.payload;
}

}  // namespace penstock::worker::crypto
