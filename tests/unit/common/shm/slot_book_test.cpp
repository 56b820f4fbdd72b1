#include "common/shm/slot_book.hpp"

#include <vector>

#include "common/shm/loan_book.hpp"
#include "tests/support/catch.hpp"

namespace penstock::shm {
namespace {

using Slots = std::vector<std::uint32_t>;

SlotBook book_of(std::uint32_t blocks) {
    SlotBook book(blocks);
    book.grow(blocks);
    return book;
}

TEST_CASE("a slot is free when its holder has let it go and nothing of it is lent") {
    SlotBook book = book_of(4);
    const std::uint32_t slot = book.claim(2).value();
    CHECK(book.blocks_used() == 2);
    const std::uint64_t generation = book.seal(slot);
    CHECK(book.lend(slot) == generation);
    CHECK(book.lend(slot) == generation);
    CHECK_FALSE(book.let_go(slot));
    CHECK(book.come_back(std::vector<SlotLoan>{{slot, generation, 1}}).empty());
    CHECK(book.come_back(std::vector<SlotLoan>{{slot, generation, 1}}) == Slots{slot});
    CHECK(book.blocks_used() == 0);
}

TEST_CASE("a slot that was never sent is free with its holder") {
    SlotBook book = book_of(1);
    const std::uint32_t slot = book.claim(1).value();
    CHECK(book.let_go(slot));
    CHECK(book.claim(1) == slot);
}

TEST_CASE("no two slots overlap, and what does not fit is not given") {
    SlotBook book = book_of(8);
    CHECK(book.claim(3) == 0U);
    CHECK(book.claim(3) == 3U);
    CHECK(book.claim(3) == std::nullopt);
    CHECK(book.claim(2) == 6U);
    CHECK(book.claim(1) == std::nullopt);
    // A hole of three between the others.
    CHECK(book.let_go(3));
    CHECK(book.claim(4) == std::nullopt);
    CHECK(book.claim(3) == 3U);
}

TEST_CASE("what was freed last is written over last") {
    SlotBook book = book_of(4);
    const std::uint32_t first = book.claim(1).value();
    CHECK(book.let_go(first));
    CHECK(book.claim(1) == 1U);
    CHECK(book.claim(1) == 2U);
    CHECK(book.claim(1) == 3U);
    CHECK(book.claim(1) == first);
}

TEST_CASE("no generation comes twice, whatever slot it is of") {
    SlotBook book = book_of(2);
    std::uint64_t last = 0;
    for (int i = 0; i < 10; ++i) {
        const std::uint32_t slot = book.claim(1).value();
        const std::uint64_t generation = book.seal(slot);
        CHECK(generation > last);
        last = generation;
        CHECK(book.let_go(slot));
    }
}

TEST_CASE("loans that are not in the book, and more than were lent, change nothing else") {
    SlotBook book = book_of(4);
    const std::uint32_t slot = book.claim(1).value();
    const std::uint64_t generation = book.seal(slot);
    book.lend(slot);
    CHECK(book.come_back(
                  std::vector<SlotLoan>{{slot, generation + 1, 1}, {3, generation, 1}, {9, 9, 9}})
              .empty());
    CHECK_FALSE(book.let_go(slot));
    CHECK(book.come_back(std::vector<SlotLoan>{{slot, generation, 100}}) == Slots{slot});
    CHECK(book.come_back(std::vector<SlotLoan>{{slot, generation, 1}}).empty());
}

TEST_CASE("a new session takes back what the other side does not hold") {
    SlotBook book = book_of(4);
    const std::uint32_t kept = book.claim(1).value();
    const std::uint32_t lost = book.claim(1).value();
    const std::uint32_t held = book.claim(1).value();
    const std::uint64_t generation = book.seal(kept);
    book.seal(lost);
    book.seal(held);
    for (const std::uint32_t slot : {kept, lost, held}) {
        book.lend(slot);
        book.lend(slot);
    }
    CHECK_FALSE(book.let_go(kept));
    CHECK_FALSE(book.let_go(lost));
    CHECK(book.begin_session(std::vector<SlotLoan>{{kept, generation, 1}}) == Slots{lost});
    // One was not sent with success: what is out is what the other side says.
    CHECK(book.come_back(std::vector<SlotLoan>{{kept, generation, 1}}) == Slots{kept});
    CHECK(book.let_go(held));
}

TEST_CASE("a book that has grown gives more") {
    SlotBook book(8);
    CHECK(book.claim(1) == std::nullopt);
    book.grow(2);
    CHECK(book.claim(2) == 0U);
    CHECK(book.claim(1) == std::nullopt);
    book.grow(8);
    CHECK(book.claim(6) == 2U);
}

TEST_CASE("a block tells the slot that it is part of") {
    SlotBook book = book_of(8);
    const std::uint32_t first = book.claim(3).value();
    const std::uint32_t second = book.claim(2).value();
    CHECK(book.slot_of(first + 2) == first);
    CHECK(book.slot_of(second + 1) == second);
    CHECK(book.slot_of(second + 2) == std::nullopt);
    CHECK(book.let_go(first));
    CHECK(book.slot_of(first) == std::nullopt);
}

TEST_CASE("references to a slot go back together when the last one is let go") {
    LoanBook loans;
    loans.borrow(5, 77);
    loans.borrow(5, 77);
    CHECK(loans.held() == std::vector<SlotLoan>{{5, 77, 2}});
    CHECK(loans.let_go(5, 77) == std::nullopt);
    loans.borrow(5, 77);
    CHECK(loans.let_go(5, 77) == std::nullopt);
    CHECK(loans.let_go(5, 77) == SlotLoan{5, 77, 3});
    CHECK(loans.empty());
    CHECK(loans.let_go(5, 77) == std::nullopt);
}

TEST_CASE("generations of a slot are loans of their own") {
    LoanBook loans;
    loans.borrow(5, 77);
    loans.borrow(5, 78);
    CHECK(loans.let_go(5, 77) == SlotLoan{5, 77, 1});
    CHECK(loans.let_go(5, 78) == SlotLoan{5, 78, 1});
}

}  // namespace
}  // namespace penstock::shm
