#include "worker/handlers/image/perform.hpp"

#include <utility>

#include "worker/handlers/image/alpha.hpp"
#include "worker/handlers/image/cancel_watch.hpp"
#include "worker/handlers/image/encode.hpp"
#include "worker/handlers/image/fault.hpp"
#include "worker/handlers/image/jpeg/direct.hpp"
#include "worker/handlers/image/open_input.hpp"
#include "worker/handlers/image/render.hpp"

namespace penstock::worker::image {
namespace {

Result<Plan> plan_step(const Step& step, Size picture) {
    Result<Plan> plan = step.operation(picture);
    if (!plan) {
        return plan;
    }
    for (const Size size : {plan->scaled, plan->result}) {
        if (const Result<void> checked = check_result_size(size); !checked) {
            return fail(checked.error().code,
                        step.path + (step.path.empty() ? "" : ": ") + checked.error().message);
        }
    }
    return plan;
}

Result<std::vector<Plan>> plan_steps(const std::vector<Step>& steps, Size picture) {
    std::vector<Plan> plans;
    for (const Step& step : steps) {
        Result<Plan> plan = plan_step(step, picture);
        if (!plan) {
            return tl::unexpected(plan.error());
        }
        picture = plan->result;
        plans.push_back(*std::move(plan));
    }
    return plans;
}

vips::VImage draw(const Source& source, const std::vector<Plan>& plans, CancelWatch& watch) {
    const Size first = plans.empty() ? source.upright() : plans.front().scaled;
    const Size lying = source.orientation >= 5 ? first.turned() : first;
    const vips::VImage decoded = decode(source, decoder_shrink(source.stored, lying));
    watch.attach(decoded);
    vips::VImage picture = scale_upright(decoded, first);
    for (const Plan& plan : plans) {
        picture = scale(picture, plan.scaled);
        picture = plan.draw ? plan.draw(picture) : picture;
    }
    return picture;
}

// Decoding, drawing and encoding are one step: pixels flow through it row by row.
SharedBytes render(const Source& source, const std::vector<Plan>& plans, const Encoding& encoding,
                   CancelWatch& watch) {
    vips::VImage picture = draw(source, plans, watch);
    if (encoding.format == Format::jpeg) {
        picture = without_alpha(picture);
    }
    return encode(picture, encoding.format, encoding.quality);
}

Size result_size(const Source& source, const std::vector<Plan>& plans) {
    return plans.empty() ? source.upright() : plans.back().result;
}

// `engine`: which library made the pixels.
Output output(const Source& source, const std::vector<Plan>& plans, const Encoding& encoding,
              SharedBytes file, std::string_view engine) {
    const Size size = result_size(source, plans);
    Value facts = {{"width", size.width},
                   {"height", size.height},
                   {"format", name(encoding.format)},
                   {"bytes", file.size()},
                   {"engine", engine},
                   {"input_width", source.stored.width},
                   {"input_height", source.stored.height},
                   {"input_format", name(source.format)}};
    return {.value = std::move(facts), .payload = std::move(file)};
}

// Whether the picture is only scaled.
bool only_scales(const std::vector<Plan>& plans) {
    return plans.empty() || (plans.size() == 1 && !plans[0].draw);
}

Result<Output> render_or_explain(const Source& source, const std::vector<Plan>& plans,
                                 const Encoding& encoding, Context& context) {
    if (context.cancelled()) {
        return fail(ErrorCode::cancelled, "cancelled before the image was decoded");
    }
    if (encoding.format == Format::jpeg && only_scales(plans)) {
        const auto file =
            scale_directly(source, result_size(source, plans), encoding.quality, context);
        if (!file) {
            return tl::unexpected(file.error());
        }
        if (*file) {
            return output(source, plans, encoding, **file, "libjpeg");
        }
    }
    CancelWatch watch(context);
    try {
        return output(source, plans, encoding, render(source, plans, encoding, watch), "libvips");
    } catch (const vips::VError& error) {
        if (watch.has_ended_one()) {
            vips_error_clear();
            return fail(ErrorCode::cancelled, "cancelled while the image was made");
        }
        return tl::unexpected(render_fault(error, source));
    }
}

}  // namespace

Result<Output> perform(ByteView payload, const std::vector<Step>& steps, const Encoding& encoding,
                       Context& context) {
    const Result<Source> source = open_input(payload);
    if (!source) {
        return tl::unexpected(source.error());
    }
    const Result<std::vector<Plan>> plans = plan_steps(steps, source->upright());
    if (!plans) {
        return tl::unexpected(plans.error());
    }
    if (const Result<void> fits = check_encodable(result_size(*source, *plans), encoding.format);
        !fits) {
        return tl::unexpected(fits.error());
    }
    return render_or_explain(*source, *plans, encoding, context);
}

Result<Output> perform_alone(ReadOperation read, const Input& input, Context& context) {
    Arguments arguments(input.args);
    Step step{.path = "", .operation = read(arguments)};
    const Encoding encoding = read_encoding(arguments);
    if (const Result<void> checked = arguments.check(); !checked) {
        return tl::unexpected(checked.error());
    }
    return perform(input.payload, {std::move(step)}, encoding, context);
}

}  // namespace penstock::worker::image
