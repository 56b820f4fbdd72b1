// A result as the body of a reply.
//
// Thread rule: free functions. They write to the disk: not for the server's threads.
#pragma once

#include <string_view>

#include "producer/gateway/shell/folder.hpp"

namespace penstock::gateway {

// The bytes with Content-Type by what they are, Content-Disposition and ETag, from a nameless
// file; 304 if the caller has them already; 507 when the disk does not take them.
[[nodiscard]] http::Reply picture_reply(ByteView bytes, const TaskId& task, const Folder& folder,
                                        std::string_view if_none_match);

}  // namespace penstock::gateway
