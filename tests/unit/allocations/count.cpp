#include "tests/unit/allocations/count.hpp"

#include <cstdlib>
#include <new>

namespace penstock::test {
namespace {

thread_local std::uint64_t count = 0;

void* counted_or_null(std::size_t bytes) {
    ++count;
    return std::malloc(bytes == 0 ? 1 : bytes);
}

void* counted(std::size_t bytes) {
    void* const memory = counted_or_null(bytes);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

void* counted(std::size_t bytes, std::align_val_t alignment) {
    ++count;
    const auto align = static_cast<std::size_t>(alignment);
    void* const memory = std::aligned_alloc(align, (bytes + align - 1) / align * align);
    if (memory == nullptr) {
        throw std::bad_alloc();
    }
    return memory;
}

}  // namespace

std::uint64_t allocations() {
    return count;
}

}  // namespace penstock::test

// The program's own, in place of the library's.
void* operator new(std::size_t bytes) {
    return penstock::test::counted(bytes);
}
void* operator new[](std::size_t bytes) {
    return penstock::test::counted(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment) {
    return penstock::test::counted(bytes, alignment);
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
    return penstock::test::counted(bytes, alignment);
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return penstock::test::counted_or_null(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
    return penstock::test::counted_or_null(bytes);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
