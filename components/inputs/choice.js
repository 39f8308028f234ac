// Which microphone is asked for. Gradio 6.31 lists the microphones, and then takes the default
// one whatever is chosen.

// What to ask the browser for, with the microphone that is chosen in `list`, a <select> whose
// first entry is the default one. Who wants more than just some microphone gets that.
export function withChosen(list, wanted) {
  if (!(list?.selectedIndex > 0) || wanted?.audio !== true || wanted.video) return wanted;
  return { ...wanted, audio: { deviceId: { exact: list.value } } };
}

// The stream of the chosen microphone, or of the default one where that is gone.
export async function askForChosen(ask, list, wanted) {
  const chosen = withChosen(list, wanted);
  try {
    return await ask(chosen);
  } catch (error) {
    // Pulled out since the list was made.
    if (chosen !== wanted && error.name === "OverconstrainedError") return ask(wanted);
    throw error;
  }
}
