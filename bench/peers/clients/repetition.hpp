// The tasks that every producer sends, what every handler does, and the books on the answers: each
// exactly once, with the contents that its task asks for. The same as node/repetition.js and
// celery_programs/repetition.py.
//
// Thread rule: a Repetition belongs to one thread.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace penstock::peers {

inline constexpr std::size_t body_bytes = 100;
using Body = std::array<char, body_bytes>;

// Text, as not every peer carries bytes: 8 digits of the repetition, 12 of the task, then letters
// that follow from the task's number, and at last what the handler changes.
inline constexpr std::size_t run_digits = 8;
inline constexpr std::size_t number_digits = 12;
inline constexpr char waiting = '.';
inline constexpr char handled = '!';

[[noreturn]] inline void give_up(const std::string& what) {
    std::cerr << what << '\n';
    std::_Exit(1);  // the threads of a library go on until then
}

inline void put_digits(std::span<char> digits, std::uint64_t value) {
    for (std::size_t i = digits.size(); i-- > 0; value /= 10) {
        digits[i] = static_cast<char>('0' + value % 10);
    }
}

inline Body body_of(std::uint64_t run, std::uint64_t number, char last) {
    constexpr std::size_t letters = 26;
    constexpr std::size_t head = run_digits + number_digits;
    static constexpr auto alphabet = [] {
        std::array<char, body_bytes + letters> text{};
        for (std::size_t i = 0; i < text.size(); ++i) {
            text[i] = static_cast<char>('a' + i % letters);
        }
        return text;
    }();
    Body body;
    const std::span<char> text(body);
    put_digits(text.first(run_digits), run);
    put_digits(text.subspan(run_digits, number_digits), number);
    std::memcpy(body.data() + head, alphabet.data() + number % letters, body_bytes - head - 1);
    body.back() = last;
    return body;
}

// The handler of every peer. The result has as many bytes as the task.
inline void handle(char* data, std::size_t size) {
    if (size > 0) {
        data[size - 1] = handled;
    }
}

// What a line on a producer's stdin asks for.
struct Order {
    std::uint64_t window = 0;
    double seconds = 0;
};

// One timed run.
class Repetition {
  public:
    using Clock = std::chrono::steady_clock;

    Repetition(std::uint64_t run, const Order& order)
        : run_(run), window_(order.window), until_(start_ + seconds_of(order.seconds)) {}

    [[nodiscard]] bool has_time() const { return Clock::now() < until_; }
    [[nodiscard]] std::uint64_t outstanding() const {
        return std::max(sent_, right_ + wrong_) - right_ - wrong_;
    }
    [[nodiscard]] bool may_send() const { return outstanding() < window_ && has_time(); }
    [[nodiscard]] std::uint64_t window() const { return window_; }

    // Whether there is anything left to send or to wait for.
    [[nodiscard]] bool goes_on() const {
        return has_time() || (outstanding() > 0 && Clock::now() < until_ + patience);
    }

    Body next() {
        if (window_ == 1) {
            last_sent_ = Clock::now();
        }
        return body_of(run_, sent_++, waiting);
    }

    void take(std::string_view answer) {
        if (window_ == 1) {
            const std::chrono::duration<double, std::micro> took = Clock::now() - last_sent_;
            latencies_us_.push_back(took.count());
        }
        is_right(answer) ? ++right_ : ++wrong_;
    }

    // Something else went wrong: a task was refused, a receipt is missing.
    void take_fault() { ++wrong_; }

    // One line of JSON; the clock stops here. Wrong is what has no right answer, or one too many.
    [[nodiscard]] std::string report() {
        const std::chrono::duration<double> took = Clock::now() - start_;
        std::string text = "{\"tasks\": " + std::to_string(right_) +
                           ", \"seconds\": " + std::to_string(took.count()) + ", \"wrong\": " +
                           std::to_string(std::max(sent_, right_ + wrong_) - right_);
        if (!latencies_us_.empty()) {
            text += ", \"p50_us\": " + std::to_string(quantile(0.50)) +
                    ", \"p99_us\": " + std::to_string(quantile(0.99));
        }
        return text + "}";
    }

  private:
    static constexpr std::chrono::seconds patience{60};

    static Clock::duration seconds_of(double seconds) {
        return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    }

    bool is_right(std::string_view answer) {
        if (answer.size() != body_bytes) {
            return false;
        }
        std::uint64_t number = 0;
        for (const char digit : answer.substr(run_digits, number_digits)) {
            number = number * 10 + static_cast<std::uint64_t>(digit - '0');
        }
        const Body expected = body_of(run_, number, handled);
        if (number >= sent_ || std::memcmp(answer.data(), expected.data(), body_bytes) != 0) {
            return false;
        }
        seen_.resize(std::max<std::size_t>(seen_.size(), number + 1));
        const bool is_first = !seen_[number];
        seen_[number] = true;
        return is_first;
    }

    double quantile(double share) {
        const double rank = std::ceil(share * static_cast<double>(latencies_us_.size()));
        const auto nth = latencies_us_.begin() + static_cast<std::ptrdiff_t>(rank) - 1;
        std::ranges::nth_element(latencies_us_, nth);
        return *nth;
    }

    std::uint64_t run_;
    std::uint64_t window_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point until_;
    Clock::time_point last_sent_;
    std::uint64_t sent_ = 0;
    std::uint64_t right_ = 0;
    std::uint64_t wrong_ = 0;
    std::vector<bool> seen_;
    std::vector<double> latencies_us_;
};

// A producer's life: for each line "window seconds" on stdin one repetition, and a line of JSON.
template <typename Run>
void repeat(Run run) {
    std::uint64_t number = 0;
    Order order;
    while (std::cin >> order.window >> order.seconds) {
        Repetition repetition(number++, order);
        run(repetition);
        std::cout << repetition.report() << std::endl;
    }
}

// A worker's last words before its first task.
inline void say_ready() {
    std::cout << "ready" << std::endl;
}

}  // namespace penstock::peers
