import { expect, test } from "vitest";
import { hasMath, withMath } from "./math";

test("formulas are marked in each way that models write them", () => {
  expect(withMath("so \\(x^2\\) is")).toBe("so $$x^2$$ is");
  expect(withMath("so $x^2$ is")).toBe("so $$x^2$$ is");
  expect(withMath("\\[\nE = mc^2\n\\]")).toBe("\n$$\nE = mc^2\n$$\n");
  expect(withMath("$$\na_1\n$$")).toBe("$$\na_1\n$$");
});

test("money is no formula, and code is what it was", () => {
  for (const text of ["from $5 to $10", "$5 = $5", "`$x^2$`", "```sh\necho $A_B $C_D\n```"]) {
    expect(withMath(text)).toBe(text);
    expect(hasMath(text)).toBe(false);
  }
});
