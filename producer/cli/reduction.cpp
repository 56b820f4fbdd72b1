#include "producer/cli/reduction.hpp"

#include <fmt/format.h>
#include <utility>

#include "producer/cli/number_sum.hpp"
#include "producer/cli/ordered_lines.hpp"

namespace penstock::cli {
namespace {

// Results that wait for an earlier one: a slow task holds the input back, not the memory full.
constexpr std::size_t held_max = 20'000;
constexpr std::size_t pieces_bytes_max = std::size_t{64} << 20U;
// Of one reducing task: many enough for a flat tree, few enough for a short task.
constexpr std::size_t group_max = 64;
constexpr std::size_t group_max_bytes = std::size_t{1} << 20U;

class NumberReduction : public Reduction {
  public:
    explicit NumberReduction(bool mean) : mean_(mean) {}

    Result<void> add(std::size_t /*part*/, Value result) override { return sum_.add(result); }
    Result<std::optional<Value>> finish() override {
        Result<Value> value = mean_ ? sum_.mean() : sum_.sum();
        return std::move(value).map([](Value one) { return std::optional(std::move(one)); });
    }

  private:
    bool mean_;
    NumberSum sum_;
};

// Prints one array, piece by piece. It is only closed if it is whole, so that nobody takes a part
// for all.
class Concatenation : public Reduction {
  public:
    explicit Concatenation(const Output& output)
        : output_(output), pieces_([this](const std::string& piece) { print(piece); }) {}

    Result<void> add(std::size_t part, Value result) override {
        std::string piece = json_from_value(result);
        pieces_.add(part, result.is_array() ? piece.substr(1, piece.size() - 2) : piece);
        return {};
    }
    [[nodiscard]] bool takes_more() const override {
        return pieces_.waiting() < held_max && pieces_.waiting_bytes() < pieces_bytes_max;
    }
    Result<std::optional<Value>> finish() override {
        output_.text(open_ ? "]\n" : "[]\n");
        return std::nullopt;
    }
    void give_up() override { output_.text(open_ ? "\n" : ""); }

  private:
    void print(const std::string& piece) {
        if (!piece.empty()) {
            output_.text(std::exchange(open_, true) ? "," : "[");
            output_.text(piece);
        }
    }

    const Output& output_;
    bool open_ = false;
    OrderedLines pieces_;
};

// One line for each part; `null` for one that has no result.
class Listing : public Reduction {
  public:
    explicit Listing(const Output& output)
        : lines_([&output](const std::string& line) { output.line(line); }) {}

    Result<void> add(std::size_t part, Value result) override {
        lines_.add(part, json_from_value(result));
        return {};
    }
    void miss(std::size_t part) override { lines_.add(part, "null"); }
    [[nodiscard]] bool takes_more() const override {
        return lines_.waiting() < held_max && lines_.waiting_bytes() < pieces_bytes_max;
    }
    Result<std::optional<Value>> finish() override { return std::nullopt; }

  private:
    OrderedLines lines_;
};

class TreeReduction : public Reduction {
  public:
    Result<void> add(std::size_t part, Value result) override {
        tree_.add({0, part}, std::move(result));
        return {};
    }
    [[nodiscard]] bool takes_more() const override {
        return tree_.waiting_bytes() < pieces_bytes_max;
    }
    void set_count(std::size_t parts) override { tree_.set_count(parts); }
    [[nodiscard]] bool is_done() const override { return tree_.result().has_value(); }
    std::optional<ResultTree::Group> next_group() override { return tree_.next(); }
    void add_reduced(const ResultTree::Node& node, Value result) override {
        tree_.add(node, std::move(result));
    }
    Result<std::optional<Value>> finish() override { return tree_.result(); }

  private:
    ResultTree tree_{group_max, group_max_bytes};
};

}  // namespace

bool is_task_type(const std::string& how) {
    return !how.empty() && how != "sum" && how != "mean" && how != "concat";
}

std::unique_ptr<Reduction> make_reduction(const std::string& how, const Output& output) {
    if (how.empty()) {
        return std::make_unique<Listing>(output);
    }
    if (how == "concat") {
        return std::make_unique<Concatenation>(output);
    }
    if (how == "sum" || how == "mean") {
        return std::make_unique<NumberReduction>(how == "mean");
    }
    return std::make_unique<TreeReduction>();
}

}  // namespace penstock::cli
