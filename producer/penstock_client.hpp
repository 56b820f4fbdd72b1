// Everything for a program that submits tasks; installed as <penstock/client.hpp>.
//
//     #include <penstock/client.hpp>
//     using namespace penstock;
//
//     auto client = client::Client::create({.server = "tcp://127.0.0.1:5750"});
//     auto value = client::value_of(client->run({.type = "math.double"},
//                                               client::make_task({1, 2, 3})).get());
//
// Thread rule, lifetimes and errors: see client/client.hpp. Link Penstock::client.
#pragma once

#include "common/model/error.hpp"
#include "common/model/ids.hpp"
#include "common/model/result.hpp"
#include "common/model/task.hpp"
#include "common/protocol/value.hpp"
#include "producer/client/client.hpp"
#include "producer/client/shared_buffers.hpp"
#include "producer/client/values.hpp"
