#include "worker/handlers/image/cancel_watch.hpp"

namespace penstock::worker::image {

CancelWatch::CancelWatch(Context& context) : context_(context) {
    // Hands all that was written so far to whoever looks.
    const std::lock_guard lock(mutex_);
}

CancelWatch::~CancelWatch() {
    // And waits for who still does.
    const std::lock_guard lock(mutex_);
}

bool CancelWatch::has_ended_one() {
    const std::lock_guard lock(mutex_);
    return has_ended_one_;
}

void CancelWatch::attach(const vips::VImage& source) {
    VipsImage* const image = source.get_image();
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): inside GLib's macro.
    g_signal_connect(image, "eval", G_CALLBACK(&CancelWatch::look), this);
    vips_image_set_progress(image, TRUE);
}

void CancelWatch::look(VipsImage* /*source*/, VipsProgress* progress, CancelWatch* self) {
    const std::lock_guard lock(self->mutex_);
    if (self->has_ended_one_ || !self->context_.cancelled()) {
        return;
    }
    self->has_ended_one_ = true;
    // The image that is being computed, which need not be the source: the flag is looked at when
    // the next of its rows are asked for.
    vips_image_set_kill(progress->im, TRUE);
}

}  // namespace penstock::worker::image
