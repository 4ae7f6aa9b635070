import { expect, test } from "vitest";
import { hasMath, withMath } from "./math";

test("formulas are marked in each way that models write them", () => {
  expect(withMath("so \\(x^2\\) is")).toBe("so $$x^2$$ is");
  expect(withMath("so $x^2$ is")).toBe("so $$x^2$$ is");
  expect(withMath("\\[\nE = mc^2\n\\]")).toBe("\n$$\nE = mc^2\n$$\n");
  expect(withMath("$$\na_1\n$$")).toBe("$$\na_1\n$$");
});

test("a formula in lines of its own has its marks in lines of theirs, wherever it was written", () => {
  expect(withMath("so\n$$E = mc^2$$\nis")).toBe("so\n$$\nE = mc^2\n$$\nis");
  expect(withMath("$$a = b\n+ c$$")).toBe("$$\na = b\n+ c\n$$");
  expect(withMath("1. So\n   $$x_1$$.")).toBe("1. So\n   $$\n   x_1.\n   $$");
  expect(withMath("so $$x^2$$ is")).toBe("so $$x^2$$ is");
});

test("money is no formula, and code is what it was", () => {
  for (const text of ["from $5 to $10", "$5 = $5", "`$x^2$`", "```sh\necho $A_B $C_D\n```"]) {
    expect(withMath(text)).toBe(text);
    expect(hasMath(text)).toBe(false);
  }
});
