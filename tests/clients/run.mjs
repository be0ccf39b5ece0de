// Runs every scenario of one client's file and prints what became of each as JSON:
//   node run.mjs xapi_js.mjs http://localhost:8080/xapi/ KEY SECRET
// {"scenario": null} where it went well, else the error with its place.
const [file, endpoint, key, secret] = process.argv.slice(2);
const { connect, scenarios } = await import(new URL(file, import.meta.url));
const results = {};
for (const [name, scenario] of Object.entries(scenarios)) {
  try {
    await scenario(connect(endpoint, key, secret));
    results[name] = null;
  } catch (error) {
    const answer = error?.response?.data ?? error?.xhr?.responseText ?? "";
    const told = typeof answer === "string" ? answer : JSON.stringify(answer);
    results[name] = `${error?.stack ?? JSON.stringify(error)} ${told}`;
  }
}
console.log(JSON.stringify(results));
