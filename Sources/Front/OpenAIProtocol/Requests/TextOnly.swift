/// What isn't text, in the content of a message.
enum TextOnly {
    /// Kinds of parts that other models take.
    static let otherParts: Set<String> = [
        "image_url", "video_url", "audio_url", "input_audio", "image_embeds", "file", "input_image", "input_file",
        "image",
        "document", "audio", "video", "container_upload",
    ]
}
