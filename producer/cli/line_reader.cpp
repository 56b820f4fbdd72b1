#include "producer/cli/line_reader.hpp"

#include <fmt/format.h>
#include <utility>

#include "producer/cli/table.hpp"

namespace penstock::cli {

Result<LineReader> LineReader::open(const std::string& path, std::size_t line_max_bytes) {
    return InputBytes::open(path).map(
        [&](InputBytes input) { return LineReader(std::move(input), line_max_bytes); });
}

Result<LineReader::Status> LineReader::next(std::string& line) {
    while (true) {
        const std::size_t end = buffer_.find('\n', searched_);
        if (end != std::string::npos) {
            line.assign(buffer_, begin_, end - begin_);
            begin_ = searched_ = end + 1;
            return Status::line;
        }
        buffer_.erase(0, std::exchange(begin_, 0));
        searched_ = buffer_.size();
        if (ended_) {
            line = std::exchange(buffer_, {});
            searched_ = 0;
            return line.empty() ? Status::end : Status::line;
        }
        if (buffer_.size() > line_max_bytes_) {
            ended_ = true;
            buffer_.clear();
            searched_ = 0;
            return fail(ErrorCode::too_large,
                        fmt::format("{} has a line of more than {}", input_.name(),
                                    size_words(line_max_bytes_)));
        }
        const Result<InputBytes::Status> status = input_.append_to(buffer_);
        ended_ = !status || *status == InputBytes::Status::end;
        if (!status) {
            return tl::unexpected(status.error());
        }
        if (*status == InputBytes::Status::later) {
            return Status::later;
        }
    }
}

}  // namespace penstock::cli
