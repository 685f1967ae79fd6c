"""Letters and names that are invented read well, and clash with nothing."""

from itertools import islice

from indicial.ir.indices import Space
from indicial.render.letters import Letters, denominator_letters, invented_names
from indicial.semantics.resolve import read


def test_denominators_count_from_m_and_skip_what_is_taken() -> None:
    assert denominator_letters(4, {"i", "n"}) == ("m", "p", "q", "r")


def test_denominators_never_run_out_and_never_look_like_figures() -> None:
    letters = denominator_letters(60, frozenset())
    assert len(set(letters)) == 60
    assert letters[:10] == tuple("mnpqrstuvw")
    assert not {"o", "l"} & set(letters)
    assert letters[24:26] == ("m1", "n1")


def test_invented_names_are_no_functions_and_no_names_in_use() -> None:
    assert invented_names(7, {"t"}) == ("s", "u", "v", "w", "s1", "s2", "s3")


def test_a_summed_index_takes_its_space_s_letters_then_unused_ones() -> None:
    program = read("f_i = W_ij x_j")
    choose = Letters(program).chooser({"i"})
    space = Space("W", 1)
    assert list(islice(iter(lambda: choose(space), None), 4)) == ["j", "k", "l", "m"]
