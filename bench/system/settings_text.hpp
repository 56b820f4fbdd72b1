// The settings of both sides, in words: what is equal, and what cannot be.
//
// Thread rule: constants.
#pragma once

namespace penstock::bench {

// Of both sides.
inline constexpr const char* equal_settings =
    "2 worker processes, ipc, 1 ZeroMQ I/O thread per process, one producer connection; "
    "messages: 100-byte bodies, each over an inproc PUSH/PULL hop to a second thread";
inline constexpr const char* penstock_settings =
    "broker, worker and client with their defaults (flow by credit), tasks in memory but for "
    "disk; type test.echo; images: image.resize";
inline constexpr const char* message_limit_settings =
    "zmq::proxy (ROUTER, DEALER) in a process of its own, one message per body (packed: up to 128 "
    "in "
    "each), no high-water marks, the window alone bounds the queues";
inline constexpr const char* disk_limit_settings =
    "one write and one fdatasync after the other, of as many bytes as the broker's syncs had, and "
    "as 128 of its tasks take";
inline constexpr const char* payload_limit_settings =
    "memcpy on one core, from 256 MiB of sources to eight places in turn";
inline constexpr const char* image_limit_settings =
    "the handler's function in a loop, in each process, the photographs in its memory";

}  // namespace penstock::bench
