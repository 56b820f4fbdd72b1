#include "broker/store/log/sector.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

namespace penstock::broker {
namespace {

constexpr Place here{{1, 2, 3}, 4, 5};

std::array<std::byte, sector_bytes> sealed_sector() {
    std::array<std::byte, sector_bytes> sector{};
    seal(sector, {6, 7}, here);
    return sector;
}

}  // namespace

TEST_CASE("a sealed sector is whole, and tells its head, at its place only") {
    const auto sector = sealed_sector();
    const Inspected inspected = inspect(sector, here);
    CHECK(inspected.state == SectorState::whole);
    CHECK(inspected.head == SectorHead{6, 7});

    Place elsewhere = here;
    elsewhere.sector = 6;
    CHECK(inspect(sector, elsewhere).state == SectorState::damaged);
    elsewhere = here;
    elsewhere.segment = 5;
    CHECK(inspect(sector, elsewhere).state == SectorState::damaged);
    elsewhere = here;
    elsewhere.journal[15] = 1;
    CHECK(inspect(sector, elsewhere).state == SectorState::damaged);
}

TEST_CASE("every flipped bit damages a sector, empty or sealed") {
    for (auto sector : {sealed_sector(), std::array<std::byte, sector_bytes>{}}) {
        for (std::size_t bit = 0; bit < 8 * sector_bytes; ++bit) {
            const auto mask = std::byte{1} << (bit % 8);
            sector[bit / 8] ^= mask;
            REQUIRE(inspect(sector, here).state == SectorState::damaged);
            sector[bit / 8] ^= mask;
        }
    }
}

TEST_CASE("a sector that carries nothing but zeros is not empty") {
    CHECK(inspect(sealed_sector(), here).state == SectorState::whole);
    CHECK(inspect(std::array<std::byte, sector_bytes>{}, here).state == SectorState::empty);
}

TEST_CASE("blocks begin at every eighth sector") {
    CHECK(block_after(0) == 0);
    CHECK(block_after(1) == 8);
    CHECK(block_after(8) == 8);
    CHECK(block_after(9) == 16);
}

}  // namespace penstock::broker
