#include <fstream>
#include <utility>

#include "bench/system/direct_side.hpp"
#include "bench/system/photos.hpp"
#include "bench/system/workloads.hpp"
#include "common/protocol/value.hpp"

namespace penstock::bench {
namespace {

// Two images for each process: one in work, one that is there when it is done.
constexpr std::size_t image_window = std::size_t{2} * worker_processes;

// Each photograph as a task with what the handler, called right here, makes of it.
Result<std::vector<KnownTask>> prepare(const std::vector<Photo>& photos) {
    const SharedBytes arguments = msgpack_from_value(value_from_json(resize_arguments).value());
    std::vector<KnownTask> tasks;
    for (const Photo& photo : photos) {
        Result<SharedBytes> small = resize_directly(photo.file);
        if (!small) {
            return fail(small.error().code, photo.path.string() + ": " + small.error().message);
        }
        tasks.push_back({resize_type, {arguments, photo.file}, std::move(*small)});
    }
    return tasks;
}

// What is to come out goes to files of `folder`, for the processes of the limit.
Result<void> write_expected(const std::vector<Photo>& photos, const std::vector<KnownTask>& tasks,
                            const std::filesystem::path& folder) {
    for (std::size_t i = 0; i < photos.size(); ++i) {
        std::ofstream file(folder / photos[i].path.filename(), std::ios::binary);
        if (!(file << as_text(tasks[i].expected.view())) || !file.flush()) {
            return fail(ErrorCode::unavailable, "cannot write into " + folder.string());
        }
    }
    return {};
}

// The handler's function in this process, one photograph after another.
Measured resize_here(const std::vector<KnownTask>& tasks, Duration duration) {
    Measured measured;
    const TimePoint start = steady_now();
    while (steady_now() - start < duration) {
        const KnownTask& task = tasks[(measured.answers + measured.faults) % tasks.size()];
        const Result<SharedBytes> small = resize_directly(task.input.payload);
        ++(small && *small == task.expected ? measured.answers : measured.faults);
    }
    measured.elapsed = steady_now() - start;
    return measured;
}

}  // namespace

Result<std::vector<ImageRow>> run_image(PenstockSide& penstock, const Folder& folder, Turns& turns,
                                        const std::filesystem::path& photos, Duration duration) {
    const Result<std::vector<Photo>> loaded = load_photos(photos);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    const std::filesystem::path expected = folder.path() / "expected";
    std::filesystem::create_directory(expected);
    const Result<std::vector<KnownTask>> tasks = prepare(*loaded);
    if (!tasks) {
        return tl::unexpected(tasks.error());
    }
    if (const auto written = write_expected(*loaded, *tasks, expected); !written) {
        return tl::unexpected(written.error());
    }
    const Result<std::unique_ptr<DirectSide>> direct =
        DirectSide::start(folder, std::filesystem::absolute(photos), expected);
    if (!direct) {
        return tl::unexpected(direct.error());
    }
    const Load load{image_window, 1, 2 * duration};
    const Result<Rounds> rounds =
        turns.run("image", {[&] { return (*direct)->resize(load.duration); },
                            [&] { return penstock.known_tasks(load, *tasks); }});
    if (!rounds) {
        return tl::unexpected(rounds.error());
    }
    const auto per_second = [](const Measured& measured) { return measured.per_second(); };
    return std::vector<ImageRow>{{loaded->size(), compare(figures(rounds->at(1), per_second),
                                                          figures(rounds->at(0), per_second))}};
}

Result<std::vector<ImageWaitRow>> run_image_wait(PenstockSide& disk, PenstockSide& memory,
                                                 Turns& turns, const std::filesystem::path& photos,
                                                 Duration duration) {
    const Result<std::vector<Photo>> loaded = load_photos(photos);
    if (!loaded) {
        return tl::unexpected(loaded.error());
    }
    const Result<std::vector<KnownTask>> tasks = prepare(*loaded);
    if (!tasks) {
        return tl::unexpected(tasks.error());
    }
    const Load load{1, 1, 2 * duration};
    const Result<Rounds> rounds =
        turns.run("image, one at a time", {[&] { return resize_here(*tasks, load.duration); },
                                           [&] { return memory.known_tasks(load, *tasks); },
                                           [&] { return disk.known_tasks(load, *tasks); }});
    if (!rounds) {
        return tl::unexpected(rounds.error());
    }
    const auto ms = [](const Measured& measured) { return 1e3 / measured.per_second(); };
    const std::vector<double> here = figures(rounds->at(0), ms);
    return std::vector<ImageWaitRow>{
        {Durability::memory, compare(figures(rounds->at(1), ms), here)},
        {Durability::disk, compare(figures(rounds->at(2), ms), here)}};
}

}  // namespace penstock::bench
