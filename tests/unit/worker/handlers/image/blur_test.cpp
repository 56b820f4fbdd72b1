#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/unit/worker/handlers/image/samples.hpp"
#include "tests/unit/worker/sdk/fake_context.hpp"
#include "worker/handlers/catalog.hpp"

namespace penstock::worker::image {
namespace {

using vips::VImage;

Made blurred(const VImage& picture, const std::string& sigma) {
    return made(blur, file_of(picture, Format::png), R"({"format":"png","sigma":)" + sigma + "}");
}

// One line of levels under the whole Gaussian; beyond its ends the outermost go on.
std::vector<double> blurred_line(const std::vector<double>& line, double sigma) {
    const int last = static_cast<int>(line.size()) - 1;
    const int reach = static_cast<int>(std::ceil(6 * sigma));
    std::vector<double> result;
    for (int at = 0; at <= last; ++at) {
        double sum = 0;
        double weights = 0;
        for (int offset = -reach; offset <= reach; ++offset) {
            const double weight = std::exp(-offset * offset / (2 * sigma * sigma));
            sum += weight * line[static_cast<std::size_t>(std::clamp(at + offset, 0, last))];
            weights += weight;
        }
        result.push_back(sum / weights);
    }
    return result;
}

// A grey picture as rows of levels, and rows as columns.
using Rows = std::vector<std::vector<double>>;
Rows rows_of(const VImage& picture) {
    const VImage held = picture.copy_memory();
    const auto* level = static_cast<const unsigned char*>(held.data());
    Rows rows;
    for (int y = 0; y < held.height(); ++y, level += held.width()) {
        rows.emplace_back(level, level + held.width());
    }
    return rows;
}
Rows transposed(const Rows& rows) {
    Rows columns(rows[0].size());
    for (const std::vector<double>& row : rows) {
        for (std::size_t x = 0; x < row.size(); ++x) {
            columns[x].push_back(row[x]);
        }
    }
    return columns;
}
Rows blurred_rows(Rows rows, double sigma) {
    for (std::vector<double>& row : rows) {
        row = blurred_line(row, sigma);
    }
    return rows;
}

double largest_difference(const Rows& a, const Rows& b) {
    double largest = 0;
    for (std::size_t y = 0; y < a.size(); ++y) {
        for (std::size_t x = 0; x < a[y].size(); ++x) {
            largest = std::max(largest, std::abs(a[y][x] - b[y][x]));
        }
    }
    return largest;
}

TEST_CASE("a blur is the Gaussian, narrow or wide, up to the edges") {
    const VImage step = plain(61, 47, {0}).insert(plain(30, 47, {255}), 31, 0);
    for (const VImage& picture : {noise(61, 47).extract_band(1), step}) {
        const VImage grey = tagged(picture, VIPS_INTERPRETATION_B_W).copy_memory();
        for (const double sigma : {0.3, 0.8, 2.0, 3.9, 4.0, 7.5, 20.0, 100.0}) {
            CAPTURE(sigma);
            const Rows across = blurred_rows(rows_of(grey), sigma);
            const Rows expected = transposed(blurred_rows(transposed(across), sigma));
            const Made result = blurred(grey, std::to_string(sigma));
            CHECK(largest_difference(rows_of(result.picture), expected) < 2);
        }
    }
}

TEST_CASE("colours of transparent pixels are not blurred into visible ones") {
    const VImage picture =
        plain(80, 40, {0, 255, 0, 0}).insert(plain(41, 40, {255, 0, 0, 255}), 0, 0);
    for (const char* sigma : {"2", "9"}) {
        const Made result = blurred(picture, sigma);
        CHECK(result.picture.extract_band(1).max() == 0);
        CHECK(is_near(result.picture.getpoint(40, 20), {255, 0, 0, 140}, 20));
    }
}

TEST_CASE("a photograph is blurred in the order in which its rows are decoded") {
    const std::string jpeg = photo("umang_by_Abhishek_Mudgal.jpg");
    const Made narrow = made(blur, jpeg, R"({"sigma":0.3,"format":"png"})");
    const Made wide = made(blur, jpeg, R"({"sigma":100,"format":"png"})");
    CHECK(wide.picture.width() == 3840);
    CHECK(std::abs(wide.picture.avg() - narrow.picture.avg()) < 2);
    CHECK(wide.picture.deviate() < narrow.picture.deviate());
}

TEST_CASE("sigma has a range") {
    const auto mistake = [](std::string_view args) { return rejection(blur, args); };
    CHECK(mistake(R"({"sigma":0.2})") == "sigma: 0.2 is out of range; allowed 0.3..100");
    CHECK(mistake(R"({"sigma":101})") == "sigma: 101 is out of range; allowed 0.3..100");
    CHECK(mistake(R"({"sigma":"2"})") == "sigma: '2' is not a number; allowed 0.3..100");
    CHECK(mistake(R"({"sgima":2})") ==
          "unknown field 'sgima' (did you mean 'sigma'?); known fields: sigma, quality, format");
}

}  // namespace
}  // namespace penstock::worker::image
