"""The measure of functions, on the shapes that C++ has."""

import unittest

import cpp_text


def measured(text):
    return [(f.name, f.first_line, f.lines) for f in cpp_text.functions(text)]


class Functions(unittest.TestCase):
    def test_a_free_function_counts_from_its_first_line_to_its_closing_brace(self):
        self.assertEqual(measured("int f(int a) {\n    return a;\n}\n"), [("f", 1, 3)])

    def test_a_wrapped_signature_belongs_to_the_function(self):
        text = "// Comment.\nResult<int>\nf(int a,\n  int b = {}) {\n}\n"
        self.assertEqual(measured(text), [("f", 2, 4)])

    def test_blocks_and_lambdas_inside_belong_to_the_function(self):
        text = "void f() {\n    if (x) {\n        run([] {\n        });\n    }\n}\nvoid g() {}\n"
        self.assertEqual(measured(text), [("f", 1, 6), ("g", 7, 1)])

    def test_members_are_found_in_classes_in_namespaces(self):
        text = (
            "namespace a::b {\nclass [[nodiscard]] C final : public D<int> {\n  public:\n"
            "    int get() const noexcept { return value_; }\n  private:\n"
            "    int value_{0};\n};\n}  // namespace a::b\n"
        )
        self.assertEqual(measured(text), [("get", 4, 1)])

    def test_the_body_of_a_constructor_is_found_behind_braced_initializers(self):
        text = "C::C(int a)\n    : Base<int>{a}, a_{a},\n      b_(make({1, 2})) {\n    run();\n}\n"
        self.assertEqual(measured(text), [("C::C", 1, 5)])
        self.assertEqual(measured("C::C() : a_{1} {}\nint f() {\n}\n")[1], ("f", 2, 2))

    def test_tables_and_braced_values_are_no_functions(self):
        text = (
            "constexpr std::array<Row, 2> rows{{\n    {f(1), 2},\n    {g(1), 3},\n}};\n"
            "const Table table = {\n    {make(1)},\n};\nenum class E : int {\n    a = 1,\n};\n"
        )
        self.assertEqual(measured(text), [])

    def test_a_lambda_with_a_name_in_a_namespace_is_a_function(self):
        text = "const auto f = [](int a) -> int {\n    return a;\n};\n"
        self.assertEqual([lines for _, _, lines in measured(text)], [3])

    def test_templates_operators_and_macros_are_functions(self):
        text = (
            "template <class T, if_t<size<T>::value >= 4 && (1 < 2)> = 0>\nvoid f() {\n}\n"
            "bool operator==(const A& a, const A& b) {\n}\n"
            "void A::operator()(int a) {\n}\n"
            'TEST_CASE("a { sentence", "[tag]") {\n}\n'
        )
        self.assertEqual([lines for _, _, lines in measured(text)], [3, 2, 2, 2])

    def test_a_template_of_a_class_is_a_scope(self):
        text = "template <class T>\nstruct A {\n    void f() {\n    }\n};\n"
        self.assertEqual(measured(text), [("f", 3, 2)])

    def test_braces_in_text_comments_and_directives_do_not_count(self):
        text = (
            "#define OPEN {\\\n    {\n/* { */ // {\nvoid f() {\n"
            "    const char c = '{'; const auto s = \"\\\"{\"; const int n = 1'000;\n"
            '    const auto r = R"x({{ " )x";\n}\nvoid g() {\n}\n'
        )
        self.assertEqual(measured(text), [("f", 4, 4), ("g", 8, 2)])


if __name__ == "__main__":
    unittest.main()
