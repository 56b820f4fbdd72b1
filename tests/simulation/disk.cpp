#include "tests/simulation/disk.hpp"

#include <algorithm>
#include <cstring>
#include <set>
#include <utility>

#include "common/model/assert.hpp"

namespace penstock::simulation {
namespace {

using broker::sector_bytes;

tl::unexpected<Error> no_power() {
    return fail(ErrorCode::internal, "the power is gone");
}

// The sector that begins there, filled up with zeros where the file ends.
std::array<std::byte, sector_bytes> sector_at(const std::vector<std::byte>& bytes,
                                              std::size_t begin) {
    std::array<std::byte, sector_bytes> sector{};
    if (begin < bytes.size()) {
        std::memcpy(sector.data(), bytes.data() + begin,
                    std::min(sector_bytes, bytes.size() - begin));
    }
    return sector;
}

// Sectors that are not as they are safe.
std::vector<std::size_t> unsafe_sectors(const Disk::Content& content) {
    std::vector<std::size_t> sectors;
    for (const auto& [begin, sector] : content.unsafe) {
        if (sector_at(content.now, begin) != sector.safe) {
            sectors.push_back(begin);
        }
    }
    return sectors;
}

// Those of them that did not survive are as they were.
void lose(Disk::Content& content, const std::function<bool()>& survives) {
    std::size_t size = content.safe_size;
    for (const std::size_t begin : unsafe_sectors(content)) {
        const std::size_t end = std::min(begin + sector_bytes, content.now.size());
        if (survives()) {
            size = std::max(size, end);
        } else {
            std::memcpy(content.now.data() + begin, content.unsafe[begin].safe.data(), end - begin);
        }
    }
    content.now.resize(size);
    content.safe_size = size;
    content.unsafe.clear();
}

}  // namespace

class Disk::OpenFile final : public broker::File {
  public:
    OpenFile(Disk& disk, std::shared_ptr<Content> content)
        : disk_(disk), content_(std::move(content)) {}

    [[nodiscard]] Result<std::uint64_t> size_bytes() const override {
        const auto lock = disk_.lock();
        return content_->now.size();
    }
    [[nodiscard]] Result<void> read(std::uint64_t offset,
                                    std::span<std::byte> into) const override {
        const auto lock = disk_.lock();
        if (offset + into.size() > content_->now.size()) {
            return fail(ErrorCode::malformed, "the file ends too early");
        }
        std::copy_n(content_->now.begin() + static_cast<std::ptrdiff_t>(offset), into.size(),
                    into.begin());
        return {};
    }
    [[nodiscard]] Result<void> write(std::uint64_t offset, ByteView bytes) override {
        const auto lock = disk_.lock();
        if (!disk_.begin()) {
            return no_power();
        }
        if (!disk_.has_room(*content_, offset + bytes.size())) {
            return fail(ErrorCode::disk_full, "the disk is full");
        }
        note_unsafe(offset, bytes);
        content_->now.resize(std::max<std::size_t>(content_->now.size(), offset + bytes.size()));
        std::ranges::copy(bytes, content_->now.begin() + static_cast<std::ptrdiff_t>(offset));
        return disk_.ends() ? Result<void>() : no_power();
    }
    [[nodiscard]] Result<void> allocate(std::uint64_t bytes) override {
        const auto lock = disk_.lock();
        if (!disk_.begin()) {
            return no_power();
        }
        if (!disk_.has_room(*content_, bytes)) {
            return fail(ErrorCode::disk_full, "the disk is full");
        }
        content_->now.resize(bytes);
        return disk_.ends() ? Result<void>() : no_power();
    }
    [[nodiscard]] Result<void> sync() override {
        const auto lock = disk_.lock();
        if (!disk_.begin() || !disk_.ends()) {
            return no_power();
        }
        if (disk_.operations_ > disk_.fail_sync_at_) {
            disk_.fail_sync_at_ = never;
            for (auto& [begin, sector] : content_->unsafe) {
                sector.forgotten = true;
            }
            return fail(ErrorCode::internal, "the disk did not take it");
        }
        std::erase_if(content_->unsafe, [](const auto& entry) { return !entry.second.forgotten; });
        content_->safe_size = content_->now.size();
        return {};
    }

  private:
    // These bytes are about to be written there.
    void note_unsafe(std::uint64_t offset, ByteView bytes) {
        const std::size_t end = offset + bytes.size();
        for (std::size_t begin = offset / sector_bytes * sector_bytes; begin < end;
             begin += sector_bytes) {
            const auto known = content_->unsafe.find(begin);
            if (known != content_->unsafe.end()) {
                known->second.forgotten = false;
                continue;
            }
            const auto now = sector_at(content_->now, begin);
            const bool whole = begin >= offset && begin + sector_bytes <= end;
            if (!whole ||
                std::memcmp(now.data(), bytes.data() + (begin - offset), sector_bytes) != 0) {
                content_->unsafe.emplace(begin, Content::Unsafe{now, false});
            }
        }
    }

    Disk& disk_;
    std::shared_ptr<Content> content_;
};

class Disk::OpenFolder final : public broker::Folder {
  public:
    explicit OpenFolder(Disk& disk) : disk_(disk) {}

    [[nodiscard]] Result<std::vector<std::string>> list() const override {
        const auto lock = disk_.lock();
        std::vector<std::string> names;
        for (const auto& [name, content] : disk_.names_) {
            names.push_back(name);
        }
        return names;
    }
    [[nodiscard]] Result<std::unique_ptr<broker::File>> open(const std::string& name) override {
        const auto lock = disk_.lock();
        const auto found = disk_.names_.find(name);
        if (found == disk_.names_.end()) {
            return fail(ErrorCode::not_found, "no file " + name);
        }
        return std::make_unique<OpenFile>(disk_, found->second);
    }
    [[nodiscard]] Result<std::unique_ptr<broker::File>> create(const std::string& name) override {
        const auto lock = disk_.lock();
        if (!disk_.begin()) {
            return no_power();
        }
        auto content = std::make_shared<Content>();
        disk_.names_[name] = content;
        return std::make_unique<OpenFile>(disk_, std::move(content));
    }
    [[nodiscard]] Result<void> rename(const std::string& from, const std::string& to) override {
        const auto lock = disk_.lock();
        if (!disk_.begin()) {
            return no_power();
        }
        const auto found = disk_.names_.find(from);
        PENSTOCK_ASSERT(found != disk_.names_.end());
        if (disk_.used_bytes() >= disk_.size_bytes_) {
            return fail(ErrorCode::disk_full, "no room for the name " + to);
        }
        disk_.names_[to] = found->second;
        disk_.names_.erase(from);
        return disk_.ends() ? Result<void>() : no_power();
    }
    [[nodiscard]] Result<void> remove(const std::string& name) override {
        const auto lock = disk_.lock();
        if (!disk_.begin()) {
            return no_power();
        }
        disk_.names_.erase(name);
        return disk_.ends() ? Result<void>() : no_power();
    }
    [[nodiscard]] Result<void> sync_names() override {
        const auto lock = disk_.lock();
        if (!disk_.begin() || !disk_.ends()) {
            return no_power();
        }
        disk_.safe_names_ = disk_.names_;
        return {};
    }

  private:
    Disk& disk_;
};

Disk Disk::copy() const {
    Disk other;
    std::map<const Content*, std::shared_ptr<Content>> copies;
    const auto copy_names = [&copies](const Names& from, Names& to) {
        for (const auto& [name, content] : from) {
            std::shared_ptr<Content>& twin = copies[content.get()];
            if (!twin) {
                twin = std::make_shared<Content>(*content);
            }
            to[name] = twin;
        }
    };
    copy_names(names_, other.names_);
    copy_names(safe_names_, other.safe_names_);
    return other;
}

std::unique_ptr<broker::Folder> Disk::folder() {
    return std::make_unique<OpenFolder>(*this);
}

std::uint64_t Disk::used_bytes() const {
    std::uint64_t used = 0;
    for (const auto& [name, content] : names_) {
        used += content->now.size();
    }
    return used;
}

bool Disk::has_room(const Content& content, std::uint64_t bytes) const {
    if (bytes <= content.now.size()) {
        return true;
    }
    std::uint64_t used = bytes;
    for (const auto& [name, other] : names_) {
        used += other.get() == &content ? 0 : other->now.size();
    }
    return used <= size_bytes_;
}

bool Disk::begin() {
    if (operations_ > cut_at_) {
        return false;
    }
    ++operations_;
    return true;
}

namespace {

// All names that exist now or are safe, in order.
std::set<std::string> all_names(const Disk::Names& now, const Disk::Names& safe) {
    std::set<std::string> names;
    for (const Disk::Names* side : {&now, &safe}) {
        for (const auto& [name, content] : *side) {
            names.insert(name);
        }
    }
    return names;
}

std::shared_ptr<Disk::Content> content_of(const Disk::Names& names, const std::string& name) {
    const auto found = names.find(name);
    return found == names.end() ? nullptr : found->second;
}

}  // namespace

std::size_t Disk::uncertain() const {
    std::size_t count = 0;
    std::set<const Content*> seen;
    for (const std::string& name : all_names(names_, safe_names_)) {
        const auto now = content_of(names_, name);
        const auto safe = content_of(safe_names_, name);
        count += now != safe ? 1 : 0;
        for (const auto& content : {now, safe}) {
            if (content && seen.insert(content.get()).second) {
                count += unsafe_sectors(*content).size();
            }
        }
    }
    return count;
}

void Disk::restart(const std::function<bool(std::size_t)>& survives) {
    std::size_t index = 0;
    Names after;
    std::set<const Content*> seen;
    for (const std::string& name : all_names(names_, safe_names_)) {
        const auto now = content_of(names_, name);
        const auto safe = content_of(safe_names_, name);
        const auto kept = now == safe || survives(index++) ? now : safe;
        for (const auto& content : {now, safe}) {
            if (content && seen.insert(content.get()).second) {
                lose(*content, [&] { return survives(index++); });
            }
        }
        if (kept) {
            after[name] = kept;
        }
    }
    names_ = after;
    safe_names_ = std::move(after);
    restart_process();
}

void Disk::restart_process() {
    operations_ = 0;
    cut_at_ = never;
    fail_sync_at_ = never;
}

}  // namespace penstock::simulation
