#include "producer/gateway/shell/picture_reply.hpp"

#include <fmt/format.h>

#include "producer/gateway/core/picture.hpp"
#include "producer/gateway/shell/spill.hpp"

namespace penstock::gateway {

http::Reply picture_reply(ByteView bytes, const TaskId& task, const Folder& folder,
                          std::string_view if_none_match) {
    http::Reply reply;
    reply.task = to_text(task);
    const std::string tag = entity_tag(bytes);
    reply.headers.emplace_back("ETag", tag);
    if (matches_tag(if_none_match, tag)) {
        reply.status = 304;
        reply.known_bytes = bytes.size();
        return reply;
    }
    const std::optional<Picture> picture = sniff_picture(bytes);
    reply.content_type = picture ? media_type(*picture) : "application/octet-stream";
    const std::string name =
        picture ? result_name(task, *picture) : fmt::format("output-{}.bin", to_text(task));
    reply.headers.emplace_back("Content-Disposition",
                               fmt::format("attachment; filename=\"{}\"", name));
    Result<http::File> file = folder.nameless(bytes);
    if (!file) {
        return http::problem_reply(storage_problem(file.error()));
    }
    reply.file = std::move(*file);
    reply.file_bytes = bytes.size();
    return reply;
}

}  // namespace penstock::gateway
