#include "producer/gateway/shell/process_visit.hpp"

#include <utility>

#include "common/protocol/value.hpp"
#include "producer/gateway/core/numbers.hpp"

namespace penstock::gateway {

ProcessVisit::ProcessVisit(const Workshop& workshop, Patience patience)
    : WorkVisit(workshop, workshop.numbers, patience),
      body_(workshop.folder, workshop.bodies, json_max_bytes, std::nullopt) {}

TimePoint ProcessVisit::finish(std::shared_ptr<http::Caller> caller) {
    keep(std::move(caller));
    return wait_for_place();
}

void ProcessVisit::drop_body() {
    body_.drop();
}

void ProcessVisit::start() {
    const Answered<std::vector<std::int64_t>> numbers = body_.take().and_then(
        [](const SharedBytes& body) { return read_numbers(as_text(body.view())); });
    if (!numbers || numbers->empty()) {
        answer(numbers ? http::json_reply(200, join_results({}).value())
                       : http::problem_reply(numbers.error()));
        leave();
        return;
    }
    std::vector<client::NewTask> tasks;
    for (SharedBytes& part : split_numbers(*numbers)) {
        tasks.push_back({client::new_task_id(), {std::move(part), {}}});
    }
    hand_over("math.lcg", std::move(tasks));
}

http::Reply ProcessVisit::reply_of(const std::vector<TaskResult>& results) const {
    const Answered<std::string> joined = join_results(results);
    return joined ? http::json_reply(200, *joined) : http::problem_reply(joined.error());
}

}  // namespace penstock::gateway
