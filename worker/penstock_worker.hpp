// Everything for a program with handlers of its own; installed as <penstock/worker.hpp>.
//
//     #include <penstock/worker.hpp>
//     using namespace penstock;
//
//     Result<worker::Output> shout(const worker::Input& input, worker::Context& context);
//
//     int main(int argc, char** argv) {
//         return worker::run(argc, argv, {{"text.shout", SlotClass::cpu, shout}});
//     }
//
// Thread rule, lifetimes and errors: see sdk/handler.hpp. Link Penstock::worker.
#pragma once

#include "common/model/error.hpp"
#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/protocol/value.hpp"
#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"
#include "worker/sdk/shared_buffer.hpp"
#include "worker/shell/program.hpp"
