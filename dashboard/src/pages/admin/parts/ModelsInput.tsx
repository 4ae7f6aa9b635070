import { TagsInput, type TagsInputProps } from "@mantine/core";
import { usePrices } from "../pricing/prices";

const MOST = 100;

/** A field for names of models; none is all of them. Offers those that have a price. */
export function ModelsInput(props: TagsInputProps) {
  const prices = usePrices();
  return (
    <TagsInput
      data={(prices.data ?? []).map((price) => price.model)}
      maxTags={MOST}
      limit={50}
      clearable
      acceptValueOnBlur
      splitChars={[",", " "]}
      {...props}
    />
  );
}
