/** A file of each format, in base64. */
const files = {
  "PNG": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOQ5JAHAAB+AEHhUdaYAAAAAElF" +
    "TkSuQmCC",
  "JPEG": "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4n" +
    "ICIsIxwcKDcpLDAxNDQ0Hyc5PTgyPC4zNDL/wAALCAATABcBAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAEC" +
    "AwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAk" +
    "M2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJ" +
    "ipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3" +
    "+Pn6/9oACAEBAAA/APFYrXcxbqf7vvWhFYtyWB44AHU8dKvQ2eRn0yuSM1KliR0O7n06f4VfSzG1shuwOO/q" +
    "P1rQiswCDgEnnnjHGO/+eKaqKjKVAGSM496uWqK7AMOCuTzj+Kr2xRKygcbc4z7iv//Z",
  "WebP": "UklGRsYAAABXRUJQVlA4ILoAAADQBQCdASoXABMAPp0+m0mloyIhMBgIALATiWgAtRqEdcGgACc/0radelkQ" +
    "LiDBGzwnskNm3iaAAP75w0Q8RRgzDyBhemkbatD7ey7BM+yiwmOQ6gHYoU1q3c46DiKkLPyivp6yFcVh91oe" +
    "fQl8uXmxIxjMCl8977yezeXU5zTTwiiIwsHyEG3zO/zk+L5m84x+h/OMfPAmYJM9fu9dlJD7xKznG+hPaEDm" +
    "+FHgEtIVO59m2cXqMJ6wAAA=",
};

/** Files of all formats, and the shapes of their images. */
export const images = ([["PNG", [1, 1, 3]], ["JPEG", [19, 23, 1]], ["WebP", [19, 23, 3]]] as const)
  .map(([format, shape]) => ({
    path: `1.${format.toLowerCase()}`,
    bytes: Uint8Array.from(atob(files[format]), (char) => char.charCodeAt(0)),
    label: 9,
    shape,
  }));
