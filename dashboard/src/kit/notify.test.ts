import { notificationsStore } from "@mantine/notifications";
import { expect, test } from "vitest";
import { notifyDone, notifyProblem } from "./notify";

test("what goes wrong again is told once, and something else beside it", () => {
  const titles = () => notificationsStore.getState().notifications.map(({ title }) => title);
  for (let time = 0; time < 3; time++) notifyProblem(new Error("No network"), "The key was not revoked");
  expect(titles()).toEqual(["The key was not revoked"]);
  notifyProblem(new Error("No network"), "The member was not removed");
  notifyDone("Saved");
  expect(titles()).toEqual(["The key was not revoked", "The member was not removed", undefined]);
});
