#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "worker/sdk/arguments.hpp"
#include "worker/sdk/handler.hpp"

namespace penstock::worker::dataset {
namespace {

// The answer carries every name again, so a listing has half the room of a body at most; a million
// names of 16 bytes are that.
constexpr std::size_t files_max = 1'000'000;
// Bytes: PATH_MAX of Linux.
constexpr std::size_t name_bytes_max = 4096;
constexpr std::size_t seed_bytes_max = 256;
// Decimal fractions such as 0.7 + 0.2 + 0.1 do not quite add up to 1 in binary.
constexpr double sum_tolerance = 1e-9;

struct Shares {
    double train = 0.8;
    double validation = 0.1;
    double test = 0.1;
};

struct Wish {
    const Value* files = nullptr;
    Shares shares;
    std::string seed;
};

double read_share(Arguments& arguments, std::string_view field, double fallback) {
    const Value* value = arguments.value(field);
    if (value == nullptr) {
        return fallback;
    }
    const bool good = value->is_number() && value->get<double>() >= 0 && value->get<double>() <= 1;
    if (!good) {
        arguments.reject(std::string(field) + ": " + text_of(*value) + " is not a number of 0..1");
        return fallback;
    }
    return value->get<double>();
}

Shares read_shares(Arguments& arguments) {
    const Shares usual;
    Shares shares;
    shares.train = read_share(arguments, "train", usual.train);
    shares.validation = read_share(arguments, "validation", usual.validation);
    shares.test = read_share(arguments, "test", usual.test);
    const double sum = shares.train + shares.validation + shares.test;
    if (std::abs(sum - 1) > sum_tolerance) {
        arguments.reject("train, validation and test add up to " + json_from_value(Value(sum)) +
                         "; they must add up to 1");
    }
    return shares;
}

bool is_text(const Value& value, std::size_t bytes_min, std::size_t bytes_max) {
    return value.is_string() && value.get_ref<const std::string&>().size() >= bytes_min &&
           value.get_ref<const std::string&>().size() <= bytes_max;
}

std::string read_seed(Arguments& arguments) {
    const Value* value = arguments.value("seed");
    if (value == nullptr) {
        return "";
    }
    if (!is_text(*value, 0, seed_bytes_max)) {
        arguments.reject("seed: " + text_of(*value) + " is not a text of at most " +
                         std::to_string(seed_bytes_max) + " bytes");
        return "";
    }
    return value->get<std::string>();
}

// The array of names, or null after a mistake.
const Value* read_files(Arguments& arguments) {
    const Value* files = arguments.value("files");
    if (files == nullptr || !files->is_array()) {
        arguments.reject("files: " + (files == nullptr ? "missing" : text_of(*files)) +
                         "; allowed is an array of names");
        return nullptr;
    }
    if (files->size() > files_max) {
        arguments.reject("files: there are " + std::to_string(files->size()) + " names; allowed " +
                         std::to_string(files_max));
        return nullptr;
    }
    for (std::size_t i = 0; i < files->size(); ++i) {
        if (!is_text((*files)[i], 1, name_bytes_max)) {
            arguments.reject("files: element " + std::to_string(i) + ": " + text_of((*files)[i]) +
                             " is not a name of 1.." + std::to_string(name_bytes_max) + " bytes");
            return nullptr;
        }
    }
    return files;
}

Result<Wish> read_wish(const Value& args) {
    Arguments arguments(args);
    Wish wish;
    wish.files = read_files(arguments);
    wish.shares = read_shares(arguments);
    wish.seed = read_seed(arguments);
    return arguments.check().map([&] { return wish; });
}

std::uint64_t fnv1a(std::string_view text, std::uint64_t hash) {
    for (const char byte : text) {
        hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100'0000'01b3U;
    }
    return hash;
}

// The last step of MurmurHash3: FNV-1a alone hardly moves the upper bits for names that differ
// only at their end, as numbered files do.
std::uint64_t spread(std::uint64_t hash) {
    hash = (hash ^ (hash >> 33U)) * 0xff51'afd7'ed55'8ccdU;
    hash = (hash ^ (hash >> 33U)) * 0xc4ce'b9fe'1a85'ec53U;
    return hash ^ (hash >> 33U);
}

// Where the name lies between 0 and 1, 1 excluded. The zero byte keeps seed "a" and name "bc" apart
// from seed "ab" and name "c". docs/HANDLERS.md promises exactly this: it is forever.
double place_of(std::string_view seed, std::string_view name) {
    using namespace std::string_view_literals;
    constexpr std::uint64_t fnv1a_start = 0xcbf2'9ce4'8422'2325U;
    const std::uint64_t hash = spread(fnv1a(name, fnv1a("\0"sv, fnv1a(seed, fnv1a_start))));
    return static_cast<double>(hash >> 11U) * 0x1p-53;
}

std::string_view part_of(double place, const Shares& shares) {
    if (place < shares.train) {
        return "train";
    }
    // A share of nothing gets nothing, however the sum of the others was rounded.
    if (place < shares.train + shares.validation || shares.test == 0) {
        return shares.validation > 0 ? "validation" : "train";
    }
    return "test";
}

}  // namespace

// {"files": [name, ...], "train": 0.8, "validation": 0.1, "test": 0.1, "seed": ""}: gives {"train",
// "validation", "test"}, each an array of names in the order of the input. A name's part depends on
// the seed, the shares and itself alone, so it stays when files come or go.
Result<Output> split(const Input& input, Context& /*context*/) {
    const Result<Wish> wish = read_wish(input.args);
    if (!wish) {
        return tl::unexpected(wish.error());
    }
    Value parts = {
        {"train", Value::array()}, {"validation", Value::array()}, {"test", Value::array()}};
    for (const Value& file : *wish->files) {
        const std::string& name = file.get_ref<const std::string&>();
        parts[std::string(part_of(place_of(wish->seed, name), wish->shares))].push_back(name);
    }
    return Output{.value = std::move(parts), .payload = {}};
}

}  // namespace penstock::worker::dataset
