// Ends the making of a picture in the middle once its task is cancelled.
//
// libvips only plans while operations are applied; nearly all of the time passes in the last call,
// which asks for the pixels. So looking between the calls would see nothing.
//
// Thread rule: the thread of the attempt. libvips reports its progress from a thread of its own;
// what both touch is behind a mutex, since libvips hands over by locks that nobody outside can see.
#pragma once

#include <mutex>
#include <vips/vips8>

#include "worker/sdk/handler.hpp"

namespace penstock::worker::image {

class CancelWatch {
  public:
    // `context` must outlive the watch.
    explicit CancelWatch(Context& context);
    CancelWatch(const CancelWatch&) = delete;
    CancelWatch& operator=(const CancelWatch&) = delete;
    ~CancelWatch();

    // From now on, every computation that begins with `source` looks at the context as it goes and
    // ends with a vips::VError when the attempt is cancelled. The watch must outlive them all.
    void attach(const vips::VImage& source);
    // True if a computation was ended.
    [[nodiscard]] bool has_ended_one();

  private:
    static void look(VipsImage* source, VipsProgress* progress, CancelWatch* self);

    std::mutex mutex_;
    Context& context_;
    bool has_ended_one_ = false;
};

}  // namespace penstock::worker::image
