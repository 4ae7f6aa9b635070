import { expect, test } from "vitest";
import { invitedTo } from "./invitation";

test("an invitation's token tells the organisation, whatever dots its id has", () => {
  expect(invitedTo("org1.invitation.secret")).toBe("org1");
  expect(invitedTo("who.ever.invitation.secret")).toBe("who.ever");
  expect(invitedTo("broken")).toBe("");
});
