#include "broker/shell/archive_line.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace penstock::broker {

void ArchiveLine::begin(Scheduler& scheduler) {
    const ArchiveNews news = archive_.take_news();
    failed_ = news.failed;
    if (failed_) {
        scheduler.archive_failed();
    } else {
        scheduler.archived_up_to(news.applied);
    }
}

void ArchiveLine::take(Effects& effects, Sequence durable) {
    std::ranges::move(effects.archive_entries, std::back_inserter(waiting_));
    // A question comes after all that has ended before it.
    became_durable(durable);
    archive_.ask(std::exchange(effects.archive_questions, {}));
}

void ArchiveLine::became_durable(Sequence durable) {
    const auto end = std::ranges::find_if(
        waiting_, [durable](const ArchiveEntry& entry) { return entry.sequence > durable; });
    archive_.add({std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end)});
    waiting_.erase(waiting_.begin(), end);
}

std::vector<ArchiveAnswer> ArchiveLine::take_answers(Scheduler& scheduler) {
    ArchiveNews news = archive_.take_news();
    if (news.failed && !failed_) {
        failed_ = true;
        scheduler.archive_failed();
    }
    scheduler.archived_up_to(news.applied);
    return std::move(news.answers);
}

}  // namespace penstock::broker
