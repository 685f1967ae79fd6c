"""What the help says: the forms of a program and of values, and examples that a test runs."""

from __future__ import annotations

PROGRAM_HELP = "the program's text, a file that holds it, or - for standard input"

BINDINGS_HELP = """\
inputs are given as NAME=VALUE, where VALUE is
  W.npy  W.csv           a file; a CSV file of one row or one column is a vector
  data.npz               the member called NAME of an archive, or its only one
  data.npz:weights       another member of it
  3x4  4  scalar         random data: a matrix, a vector of extent 4, a number
  2.5  4.0  -1  1e-3     a number: it has a point, a sign or an exponent
  "[1,2]" "[[1,2],[3,4]]" the entries themselves; quoted, since brackets mean something to a shell
Random data are standard normal and depend on --seed and NAME only.
"""

DERIVE_EXAMPLES = """\
examples:
  indicial derive "f_i = W_ij x_j" --wrt W
  indicial derive "z_i = W_ij x_j + b_i; a_i = max(0, z_i); L = (a_i - y_i)^2" --wrt W --wrt b
  indicial derive "s = x_i A_ij x_j" --wrt x --order 2
  indicial derive "s = x_i A_ij x_j" --wrt "x_k A_mn" --latex
  indicial derive "f_i = W_ij x_j" --wrt W --steps
  indicial derive "L = tr(A*X'*B*X)" --wrt X --notation matrix
  indicial derive "tensor X_ij: symmetric; L = logdet_ij(X_ij)" --wrt X --structure projected
  indicial derive "Z_nc = X_nd W_dc + b_c" --wrt b --cotangent G
  indicial derive "s = A_ij X_ji" --wrt X --tangent dX
  indicial derive "s = x_i A_ij x_j" --wrt x --matrix
  indicial derive "s = x_i A_ij x_j" --wrt x --matrix --latex
  indicial derive "f_i = W_ij x_j" --wrt W --code numpy
  indicial derive "L = (X_nd w_d - y_n)^2" --wrt w --code torch --value
  echo "f_i = W_ij x_j" | indicial derive - --wrt x
"""

EVAL_EXAMPLES = """\
examples:
  indicial eval "f_i = W_ij x_j" "W=[[1,2],[3,4]]" "x=[5,6]"
  indicial eval "f_i = W_ij x_j" --wrt W W=W.npy x=x.npy -o J.npy
  indicial eval "p_i = s x_i" --wrt x s=2.5 x=3 --seed 7
  indicial eval "f_i = W_ij x_j" --wrt W --wrt x W=3x4 x=4 -o jacobians.npz
"""

CHECK_EXAMPLES = """\
examples:
  indicial check "f_i = W_ij x_j" --wrt W W=3x4 x=4
  indicial check "L = sum_i(log(x_i))" --wrt x --order 2 x=5 --positive
  indicial check "tensor A_ij: symmetric; s = x_i A_ij x_j" --wrt A --structure entries A=3x3 x=3

exit status: 0 when the check passes, 1 when it fails, 2 for bad input
"""

PLAN_EXAMPLES = """\
examples:
  indicial plan "f_i = W_ij x_j" --wrt W W=300x400 x=400
  indicial plan "Y_il = A_ij B_jk C_kl" A=30x400 B=400x50 C=50x60
  indicial plan "z_i = W_ij x_j; L = (z_i - y_i)^2" --wrt W --wrt x W=300x400 --plot plan.svg
"""

REPL_EXAMPLES = """\
examples:
  indicial repl
  printf "f_i = W_ij x_j\\n derive W\\n steps\\n" | indicial repl
"""

COMPLETION_EXAMPLES = """\
examples:
  indicial completion bash > ~/.local/share/bash-completion/completions/indicial
  indicial completion zsh > ~/.zfunc/_indicial        # a folder of $fpath
  indicial completion fish > ~/.config/fish/completions/indicial.fish
"""
