import { type UseMutationOptions, useMutation } from "@tanstack/react-query";
import { useRef } from "react";

type Options<Answer, Given> = Pick<
  UseMutationOptions<Answer, Error, Given>,
  "mutationFn" | "onSuccess" | "onError" | "onSettled"
>;

/** A mutation that runs once at a time however fast one clicks: `isPending` shows a moment too late for that. */
export function useOnce<Answer, Given = void>(options: Options<Answer, Given>) {
  const isAsked = useRef(false);
  const { mutateAsync: _, ...mutation } = useMutation<Answer, Error, Given>({
    ...options,
    onSettled: (...settled) => {
      isAsked.current = false;
      return options.onSettled?.(...settled);
    },
  });
  const mutate = (given: Given) => {
    if (isAsked.current) return;
    isAsked.current = true;
    mutation.mutate(given);
  };
  return { ...mutation, mutate };
}
