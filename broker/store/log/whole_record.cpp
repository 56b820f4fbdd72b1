#include "broker/store/log/whole_record.hpp"

#include <utility>
#include <variant>

namespace penstock::broker {

Result<Record> whole_record(Folder& folder, const RawRecord& raw, const SharedBytes& content,
                            const Place& batch) {
    Result<DecodedRecord> decoded = decode_record(raw.kind, content);
    if (!decoded) {
        return tl::unexpected(decoded.error());
    }
    if (decoded->outside) {
        Result<Body> body =
            read_body(folder, batch.journal, {batch.segment, raw.sequence}, *decoded->outside);
        if (!body) {
            return tl::unexpected(body.error());
        }
        *body_of(decoded->record) = *std::move(body);
    }
    return std::move(decoded->record);
}

}  // namespace penstock::broker
