// gearmand's producer and worker: foreground tasks, libgearman's task interface.
//
// Usage: gearman producer|worker PORT
#include <libgearman/gearman.h>

#include "bench/peers/clients/repetition.hpp"

namespace {

using penstock::peers::Body;
using penstock::peers::give_up;
using penstock::peers::Repetition;

constexpr const char* function_name = "change";

gearman_return_t take(gearman_task_st* task) {
    auto& repetition = *static_cast<Repetition*>(gearman_task_context(task));
    repetition.take(
        {static_cast<const char*>(gearman_task_data(task)), gearman_task_data_size(task)});
    return GEARMAN_SUCCESS;
}

gearman_return_t take_failure(gearman_task_st* task) {
    static_cast<Repetition*>(gearman_task_context(task))->take_fault();
    return GEARMAN_SUCCESS;
}

// libgearman sends what was added and waits for all of it: a window is one such round. Bodies must
// lie still until then.
void run(gearman_client_st* client, Repetition& repetition) {
    std::vector<Body> bodies(repetition.window());
    while (repetition.has_time()) {
        for (Body& body : bodies) {
            body = repetition.next();
            // The same id twice would be one task with two waiters.
            const std::string unique(body.data(), 20);
            gearman_return_t code = GEARMAN_SUCCESS;
            gearman_client_add_task(client, nullptr, &repetition, function_name, unique.c_str(),
                                    body.data(), body.size(), &code);
            if (gearman_failed(code)) {
                give_up(gearman_client_error(client));
            }
        }
        if (gearman_failed(gearman_client_run_tasks(client))) {
            give_up(gearman_client_error(client));
        }
        gearman_client_task_free_all(client);
    }
}

void produce(in_port_t port) {
    gearman_client_st* client = gearman_client_create(nullptr);
    gearman_client_add_server(client, "127.0.0.1", port);
    gearman_client_set_complete_fn(client, take);
    gearman_client_set_fail_fn(client, take_failure);
    penstock::peers::repeat([&](Repetition& repetition) { run(client, repetition); });
    gearman_client_free(client);
}

void* change(gearman_job_st* job, void* /*context*/, size_t* size, gearman_return_t* code) {
    *size = gearman_job_workload_size(job);
    // libgearman frees it.
    // NOLINTNEXTLINE(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)
    auto* result = static_cast<char*>(std::malloc(*size));
    std::memcpy(result, gearman_job_workload(job), *size);
    penstock::peers::handle(result, *size);
    *code = GEARMAN_SUCCESS;
    return result;
}

void work(in_port_t port) {
    gearman_worker_st* worker = gearman_worker_create(nullptr);
    gearman_worker_add_server(worker, "127.0.0.1", port);
    gearman_worker_add_function(worker, function_name, 0, change, nullptr);
    penstock::peers::say_ready();
    while (gearman_success(gearman_worker_work(worker))) {
    }
    give_up(gearman_worker_error(worker));
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) {
        give_up("usage: gearman producer|worker PORT");
    }
    const auto port = static_cast<in_port_t>(std::stoi(words[2]));
    std::string_view(words[1]) == "worker" ? work(port) : produce(port);
}
